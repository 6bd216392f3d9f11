"""What `allowed` says and what `decide` does are the same, in every state of the table and on random ways."""

import pytest

from engine.domain.cycle import commands as c
from engine.domain.moves.allowed import Move, allowed
from engine.domain.review.review import Action
from tests.domain.plays import Play
from tests.domain.test_every_state_and_command import CASES, CHIEF, OWNER, STATES, TABLE
from tests.support import city


def moves(play: Play, who: str) -> tuple[Move, ...]:
    return allowed(play.state, who, play.facts, play.at)


NOBODYS = {"join_parent": "no person's move", "assign_startup": "nothing to assign where no roadmap is in force"}


@pytest.mark.parametrize(("state", "command", "who", "outcome"), [one for one in CASES if one[1] not in NOBODYS])
def test_a_move_is_allowed_where_the_table_says_that_it_does_something(
    state: str, command: str, who: str, outcome: list[str] | str
) -> None:
    move = Move.APPROVE if command == "decide" else Move(command)
    assert (move in moves(STATES[state](), who)) == isinstance(outcome, list)


def test_every_command_of_a_person_is_a_move_or_a_decision() -> None:
    decisions = {Move(action.value) for action in Action} | {Move.PULL_UP}
    assert {move.value for move in Move if move not in decisions} == set(TABLE) - {"decide", "join_parent"}


def test_a_held_review_leaves_its_decider_to_resume_and_no_decision() -> None:
    found = moves(STATES["held"](), CHIEF)
    assert Move.RESUME in found
    assert not {Move(action.value) for action in Action} & set(found)


def test_who_is_above_may_pull_up_and_who_has_it_anyway_need_not() -> None:
    play = STATES["in_review"]()
    assert Move.PULL_UP in moves(play, city.SECTION_HEAD)
    assert Move.APPROVE not in moves(play, city.SECTION_HEAD)
    assert Move.PULL_UP not in moves(play, CHIEF)


def test_what_is_only_not_filled_in_is_still_allowed() -> None:
    empty = Play()
    assert Move.SUBMIT in moves(empty, OWNER)


def test_a_question_is_the_owners_to_answer_until_it_is_answered() -> None:
    play = STATES["in_review"]()
    play.give(CHIEF, c.Ask(text="件数は"))
    assert Move.ANSWER_QUESTION in moves(play, OWNER)
    assert Move.ANSWER_QUESTION not in moves(play, CHIEF)
    play.give(OWNER, c.AnswerQuestion(n=1, text="千件"))
    assert Move.ANSWER_QUESTION not in moves(play, OWNER)
