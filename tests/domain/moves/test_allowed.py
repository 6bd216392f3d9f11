"""What `allowed` says and what `decide` does are the same, in every state of the table and on random ways."""

from collections.abc import Iterator

import pytest

from engine.domain.cycle import commands as c
from engine.domain.cycle.recorder import Record
from engine.domain.errors import DomainError
from engine.domain.moves.allowed import NOTHING, Move, allowed
from engine.domain.moves.catalogue import HANDLERS, ROWS
from engine.domain.moves.dispatch import decided, refusal_of
from engine.domain.moves.handler import Situation, World
from engine.domain.moves.prepare import looked_up
from engine.domain.moves.table.cells import Happens
from engine.domain.moves.table.moves import Asker
from engine.domain.moves.table.named_states import NamedState
from engine.domain.review.review import Action
from tests.domain.named_states import PERSON, cycle_in
from tests.domain.plays import Play
from tests.support import city

CHIEF, OWNER = city.UNIT_CHIEF, city.OWNER


def moves(play: Play, who: str) -> tuple[Move, ...]:
    return allowed(play.state, who, play.facts, play.at)


@pytest.mark.parametrize("state", NamedState)
def test_a_move_is_allowed_where_the_table_says_that_it_does_something(state: NamedState) -> None:
    for move in Move:
        play = cycle_in(state, move)
        for who, answer in ROWS[move].cells[state].items():
            has_it_anyway = move is Move.PULL_UP and who is Asker.DECIDER
            expected = isinstance(answer, Happens) and not has_it_anyway
            assert (move in moves(play, PERSON[who])) == expected, (move, who)


def tried(play: Play, who: str) -> Iterator[c.Command]:
    """Every body that is ever tried, with what it looks up; those that cannot even be looked up are left out."""
    world = World(who, play.state, play.facts)
    for handler in HANDLERS:
        for _, body in handler.tries(Situation(play.state, play.facts, play.at, NOTHING)):
            try:
                yield c.Command(id="k", actor=who, body=looked_up(body, world))
            except DomainError:
                continue


@pytest.mark.parametrize("state", NamedState)
def test_an_attempt_answers_as_the_command_does_and_no_rule_refuses_once_something_has_happened(
    state: NamedState,
) -> None:
    refused, done = 0, 0
    for play in (cycle_in(state), cycle_in(state, Move.DETACH), cycle_in(state, Move.SUBMIT)):
        for who in PERSON.values():
            for command in tried(play, who):
                record, expected = Record(play.state, play.at, command), None
                try:
                    decided(record, command.body)
                except DomainError as error:
                    expected, refused = error.refusal, refused + 1
                    assert record.events == ()
                else:
                    done += 1
                    assert record.events
                assert refusal_of(play.state, who, command.body, play.at) == expected
    assert refused
    assert done


def test_every_command_of_a_person_is_a_move_or_a_decision() -> None:
    decisions = {Move(action.value) for action in Action} | {Move.PULL_UP}
    assert {move for move in Move if ROWS[move].command == "decide"} == decisions
    assert {row.command for move, row in ROWS.items() if move not in decisions} == set(ROWS) - decisions


def test_a_held_review_leaves_its_decider_to_resume_and_no_decision() -> None:
    found = moves(cycle_in(NamedState.HELD), CHIEF)
    assert Move.RESUME in found
    assert not {Move(action.value) for action in Action} & set(found)


def test_who_is_above_may_pull_up_and_who_has_it_anyway_need_not() -> None:
    play = cycle_in(NamedState.IN_REVIEW)
    assert Move.PULL_UP in moves(play, city.SECTION_HEAD)
    assert Move.APPROVE not in moves(play, city.SECTION_HEAD)
    assert Move.PULL_UP not in moves(play, CHIEF)


def test_what_is_only_not_filled_in_is_still_allowed() -> None:
    empty = Play()
    assert Move.SUBMIT in moves(empty, OWNER)


def test_a_question_is_the_owners_to_answer_until_it_is_answered() -> None:
    play = cycle_in(NamedState.IN_REVIEW)
    assert Move.ANSWER_QUESTION in moves(play, OWNER)
    assert Move.ANSWER_QUESTION not in moves(play, CHIEF)
    play.give(OWNER, c.AnswerQuestion(n=1, text="千件"))
    assert Move.ANSWER_QUESTION not in moves(play, OWNER)
