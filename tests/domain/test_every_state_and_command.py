"""Each place of the table of states and moves, held against what the rules do."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import get_args

import pytest

from engine.domain.cycle import commands as c
from engine.domain.cycle.events import SYSTEM
from engine.domain.cycle.state import CycleState
from engine.domain.errors import DomainError
from engine.domain.moves.catalogue import HANDLERS, ROWS, TAKEN_AFTER_THE_END, arrows, is_possible
from engine.domain.moves.table.cells import PEOPLE, Because, Happens, Otherwise
from engine.domain.moves.table.moves import Asker, Move, Occasion
from engine.domain.moves.table.named_states import ENDED, NamedState, named_state
from engine.domain.moves.table.rows import BEGINNINGS, TIME
from engine.domain.organisation.organisation import Duty
from engine.domain.review.policy import CONCURRENCE, Policy
from engine.domain.review.review import Action, Mode
from engine.domain.scope import OrgScope
from engine.domain.steps import Step
from tests.domain.named_states import PERSON, TWO_STAGES, body_of, cycle_in, fresh
from tests.domain.plays import Play, kinds
from tests.domain.test_concurrence_and_returns import with_duties
from tests.domain.test_joining import larger
from tests.support import city

PLACES = [(move, state) for move, row in ROWS.items() for state in row.cells]
OTHERWISE = [(move, one) for move, row in ROWS.items() for one in row.otherwise]
LACKING = [(move, row.lacking) for move, row in ROWS.items() if row.lacking is not None]


def answered(play: Play, move: str, person: str, **more: str) -> Happens | str:
    """What the rules say to a move; one that is refused has changed nothing."""
    before = play.state
    body = body_of(move, play)
    try:
        events = play.give(person, body.model_copy(update=more) if more else body)
    except DomainError as error:
        assert play.state == before
        return error.refusal.code
    return happened(kinds(events), before, play)


def happened(types: list[str], before: CycleState, play: Play) -> Happens:
    """What has come of it, as the table would say it."""
    then, now = named_state(before), named_state(play.state)
    return Happens(tuple(types), None if now is then else now)


@pytest.mark.parametrize(("move", "state"), PLACES)
def test_a_move_does_in_each_state_what_the_table_says(move: str, state: NamedState) -> None:
    said = ROWS[move].cells[state]
    found = {who: answered(cycle_in(state, move), move, PERSON[who]) for who in said}
    assert found == dict(said)


@pytest.mark.parametrize(("move", "code"), LACKING)
def test_a_move_about_something_that_is_not_there_is_refused_as_the_table_says(move: str, code: str) -> None:
    (who, *_) = (one for _, one, _ in ROWS[move].happens())
    assert answered(fresh(), move, PERSON[who]) == code


def two_stages() -> Play:
    play = Play(policy=TWO_STAGES)
    play.hand_in(city.imagine())
    return play


def chief_has_spoken() -> Play:
    play = two_stages()
    play.decide()
    return play


def at_its_last_step() -> Play:
    play = Play().until(Step.SHARE)
    play.hand_in(city.share())
    return play


def only_heard() -> Play:
    asked = tuple(one.model_copy(update={"mode": Mode.OPINION}) for one in CONCURRENCE)
    play = Play(
        OrgScope.SECTION, "S", owner=city.SECTION_HEAD, organisation=with_duties(),
        policy=Policy(id="opinion", concurrence=asked),
    ).until(Step.TRANSFORM)  # fmt: skip
    play.hand_in(city.transform().model_copy(update={"staffing_change": "一名増"}))
    return play


def larger_in(state: NamedState) -> Play:
    """Another initiative, of a whole unit, at its first step."""
    play = larger()
    if state is NamedState.RETURNED:
        play.hand_in(city.imagine())
        play.decide(Action.RETURN, reason="測り直す")
    if state is NamedState.SLEEPING:
        opened = play.events[0].data.model_copy(update={"sleeps_until": play.at + timedelta(days=9)})
        play = Play(opened=opened)
    return play


def sleeping_with_a_condition() -> Play:
    done = at_its_last_step()
    opened = cycle_in(NamedState.SLEEPING).events[0].data
    done.decide(Action.APPROVE_WITH_CONDITIONS, conditions=(c.ConditionAsked(text="説明", due=date(2026, 12, 1)),))
    carried = tuple(one.model_copy(update={"owner": city.OWNER}) for one in done.state.conditions)
    return Play(opened=opened.model_copy(update={"conditions": carried}))


def other_cycle(move: str, one: Otherwise) -> tuple[Play, str, dict[str, str]]:
    """The cycle that differs, who moves there, and what the command says besides."""
    back = {"return_to": "head@U"}
    found: dict[Because, Callable[[], tuple[Play, str, dict[str, str]]]] = {
        Because.MORE_TO_ASK: lambda: (
            chief_has_spoken() if move == Move.RETRACT else two_stages(), city.UNIT_CHIEF, {},
        ),
        Because.LAST_STEP: lambda: (at_its_last_step(), city.UNIT_CHIEF, {}),
        Because.OPINION: lambda: (only_heard(), Duty.HR.value, {}),
        Because.EARLIER_APPROVER: lambda: (chief_has_spoken(), city.SECTION_HEAD, back),
        Because.LARGER: lambda: (larger_in(one.at), SYSTEM, {}),
        Because.CARRIED_OVER: lambda: (sleeping_with_a_condition(), city.OWNER, {}),
    }  # fmt: skip
    return found[one.because]()


@pytest.mark.parametrize(("move", "one"), OTHERWISE)
def test_a_cycle_that_differs_answers_what_the_table_says_besides(move: str, one: Otherwise) -> None:
    play, person, more = other_cycle(move, one)
    assert named_state(play.state) is one.at
    assert answered(play, move, person, **more) == one.answer


@pytest.mark.parametrize("state", NamedState)
def test_time_brings_in_each_state_what_the_table_says(state: NamedState) -> None:
    play = cycle_in(state)
    before = play.state
    play.at = play.state.hold.until if play.state.hold else play.at
    events = play.pass_by(timedelta(days=40))
    said = TIME.get(state, Happens(()))
    assert happened(sorted(set(kinds(events)), reverse=True), before, play) == said


@pytest.mark.parametrize("state", BEGINNINGS)
def test_a_cycle_begins_where_the_table_says(state: NamedState) -> None:
    opened = fresh() if state is NamedState.DRAFT else cycle_in(state)
    assert (named_state(opened.state), opened.state.revision) == (state, 1)


def test_the_table_knows_every_move_every_command_and_every_state() -> None:
    union = get_args(get_args(c.Body)[0])
    assert [one.body for one in HANDLERS if one.body not in union] == []
    assert len(HANDLERS) == len(union), "a handler for each command"
    assert set(ROWS) == {*Move, Occasion.JOIN_PARENT}
    assert {row.command for row in ROWS.values()} == {model.model_fields["type"].default for model in union}
    for move, row in ROWS.items():
        askers = {Asker.SYSTEM} if move == Occasion.JOIN_PARENT else set(PEOPLE)
        assert set(row.cells) == set(NamedState)
        assert all(set(cell) == askers for cell in row.cells.values())


def test_after_the_end_only_reading_who_may_read_and_taking_the_end_back_go_on() -> None:
    assert {"acknowledge", "post_review", "join_parent", "retract", "set_visibility"} == TAKEN_AFTER_THE_END
    for state in ENDED:
        possible = {move for move in Move if is_possible(move, state)}
        assert possible - {Move.RETRACT} == {Move.ACKNOWLEDGE, Move.POST_REVIEW, Move.SET_VISIBILITY}
    assert not is_possible(Move.RETRACT, NamedState.WITHDRAWN)


def test_every_state_can_be_reached_and_every_open_one_left() -> None:
    reached: set[NamedState] = set(BEGINNINGS)
    for _ in NamedState:
        reached |= {to for _, state, to in arrows() if state in reached}
    assert reached == set(NamedState)
    assert {state for _, state, _ in arrows()} >= set(NamedState) - set(ENDED)


STORIES: dict[str, Callable[[], Play]] = {one.__name__: one for one in (two_stages, at_its_last_step, only_heard)}


@pytest.mark.parametrize("story", STORIES)
def test_no_move_is_done_where_the_table_says_that_it_cannot_be(story: str) -> None:
    play = STORIES[story]()
    before = play.state
    for move in Move:
        for person in {post.person_id for post in play.organisation.posts}:
            assert isinstance(answered(play, move, person), str) or is_possible(move, named_state(before))
            if play.state is not before:
                play = STORIES[story]()
                before = play.state
