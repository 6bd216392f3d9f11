"""Deadlines of one instant do not ring at one instant, each cycle keeps its own delay, and none is long."""

from datetime import timedelta

from engine.domain.cycle import commands as c
from engine.domain.cycle.state import CycleState
from engine.domain.moves.deciding.timers import SPREAD, next_wake, spread
from engine.domain.review.policy import DEFAULT
from engine.domain.review.review import Action, DueRule
from tests.domain.plays import Play
from tests.support import city


def waiting(allowed: timedelta | None = None) -> Play:
    rule = DueRule(business_days=None, duration=allowed) if allowed else DEFAULT.due
    play = Play(policy=DEFAULT.model_copy(update={"due": rule}))
    play.hand_in(city.imagine())
    return play


def delay(state: CycleState) -> timedelta:
    wake = next_wake(state)
    assert wake is not None
    return spread(state, wake)


def test_a_hundred_cycles_of_one_deadline_ring_over_minutes_and_each_always_at_its_own_time() -> None:
    state = waiting().state
    delays = [delay(state.model_copy(update={"cycle_id": f"i{number}-1"})) for number in range(100)]
    assert all(timedelta(0) <= one < SPREAD for one in delays)
    assert len({int(one.total_seconds() // 30) for one in delays}) == SPREAD / timedelta(seconds=30)
    assert delays[7] == delay(state.model_copy(update={"cycle_id": "i7-1"}))


def test_a_short_time_is_put_off_by_little() -> None:
    assert delay(waiting(timedelta(seconds=3)).state) < timedelta(seconds=0.25)


def test_the_end_of_a_hold_is_not_put_off_and_nothing_waits_in_a_draft() -> None:
    play = waiting()
    play.decide(Action.HOLD, hold_until=play.facts.today + timedelta(days=3), reason="予算")
    assert delay(play.state) == timedelta(0)
    draft = Play()
    draft.give(city.OWNER, c.Comment(text="まだ"))
    assert spread(draft.state, draft.at) == timedelta(0)
