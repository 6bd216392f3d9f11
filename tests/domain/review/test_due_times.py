"""A hold stops the clock of business time: no due time ever leaves the end of a business day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.calendar import closing_time, is_business_day, local_date
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import Event, HoldEnded, ReviewHeld, StageOpened, StepSubmitted
from engine.domain.cycle.evolve import fold
from engine.domain.deliverables.required import Profile
from engine.domain.organisation.organisation import PostRef
from engine.domain.review.due_times import after_hold, opened, reminder_after
from engine.domain.review.policy import Policy, Rule
from engine.domain.review.review import Action, DueRule, OpenStage, Reminders, Route, Stage, StageKind, Terms
from engine.store.directory.closed_days import closed_days
from tests.domain.plays import MORNING, Play
from tests.support import city

OFFSET = 540
CLOSED = closed_days("JP", 2026)
HEAD, ABOVE, CHASER = (PostRef(kind="head", unit=code) for code in "USC")
INSTANTS = st.datetimes(datetime(2026, 11, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
HOLDS = st.lists(st.tuples(st.floats(0, 3e5), st.floats(1, 4e6)), max_size=5)


def office(hour: int, minute: int, day: str) -> datetime:
    return (datetime.fromisoformat(f"{day}T00:00:00+00:00") - timedelta(minutes=OFFSET)).replace(
        tzinfo=UTC
    ) + timedelta(hours=hour, minutes=minute)


def route(due: DueRule, escalate: DueRule | None = None, *, business_clock: bool = True, before: int = 1) -> Route:
    stage = Stage(
        key="s1",
        order=1,
        kind=StageKind.FINAL,
        posts=(HEAD,),
        due=due,
        reminders=Reminders(before=before),
        escalate_after=escalate,
        escalate_to=ABOVE,
        escalate_last_to=CHASER,
    )
    terms = Terms(policy_id="p", profile=Profile.LIGHT, business_clock=business_clock)
    return Route(stages=(stage,), terms=terms, closed_days=CLOSED, utc_offset_minutes=OFFSET)


def times(waiting: OpenStage) -> list[datetime]:
    every = (waiting.due_at, waiting.remind_at, waiting.escalate_at, waiting.escalate_last_at)
    return [one for one in every if one is not None]


def ends_a_business_day(at: datetime) -> bool:
    day = local_date(at, OFFSET)
    return is_business_day(day, CLOSED) and at == closing_time(day, OFFSET)


@given(at=INSTANTS, days=st.integers(0, 30), before=st.integers(0, 3), holds=HOLDS)
def test_whatever_is_held_every_time_stays_the_end_of_a_business_day(
    at: datetime, days: int, before: int, holds: list[tuple[float, float]]
) -> None:
    rule = DueRule(business_days=days)
    way = route(rule, rule, before=before)
    waiting = opened(way.stages[0], way, at)
    for wait, length in holds:
        since = at + timedelta(seconds=wait)
        at = since + timedelta(seconds=length)
        was_ahead = waiting.due_at > since
        waiting = after_hold(waiting, way, since, at)
        assert not was_ahead or waiting.due_at > at
    assert all(ends_a_business_day(one) for one in times(waiting))
    assert waiting.escalate_at is not None
    assert waiting.escalate_last_at is not None
    assert waiting.due_at <= waiting.escalate_at <= waiting.escalate_last_at
    assert ends_a_business_day(reminder_after(way.stages[0], at, way))


@given(at=INSTANTS, days=st.integers(0, 30), wait=st.floats(0, 6e5), length=st.floats(1, 4e6))
def test_as_many_business_days_are_left_after_a_hold_as_before_it(
    at: datetime, days: int, wait: float, length: float
) -> None:
    way = route(DueRule(business_days=days))
    since = at + timedelta(seconds=wait)
    until = since + timedelta(seconds=length)
    before = opened(way.stages[0], way, at)
    after = after_hold(before, way, since, until)

    def left(now: datetime, due: datetime) -> int:
        days = (local_date(now, OFFSET) + timedelta(days=n) for n in range((due - now).days + 2))
        return sum(now < closing_time(day, OFFSET) <= due and is_business_day(day, CLOSED) for day in days)

    if before.due_at > since:
        assert left(until, after.due_at) == left(since, before.due_at)


@given(at=INSTANTS, seconds=st.integers(1, 10**6), wait=st.floats(0, 6e5), length=st.floats(1, 4e6))
def test_a_plain_duration_stays_wall_clock_time(at: datetime, seconds: int, wait: float, length: float) -> None:
    rule = DueRule(business_days=None, duration=timedelta(seconds=seconds))
    way = route(rule, rule)
    before = opened(way.stages[0], way, at)
    since = at + timedelta(seconds=wait)
    until = since + timedelta(seconds=length)
    assert times(after_hold(before, way, since, until)) == [one + (until - since) for one in times(before)]


@pytest.mark.parametrize(
    ("since", "until", "due"),
    [
        (office(10, 0, "2026-11-25"), office(10, 0, "2026-11-25") + timedelta(seconds=1.3), "2026-12-01"),
        (office(16, 0, "2026-11-27"), office(9, 0, "2026-11-30"), "2026-12-02"),  # Friday's end went by
        (office(18, 0, "2026-11-27"), office(8, 0, "2026-11-30"), "2026-12-01"),  # a weekend, and no office hour
        (office(10, 0, "2026-11-25"), office(10, 0, "2026-11-28"), "2026-12-04"),  # ends on a Saturday
        (office(10, 0, "2026-11-25"), office(23, 0, "2027-01-01"), "2027-01-08"),  # ends on a day off
    ],
)
def test_a_hold_counts_only_the_business_days_that_end_while_it_lasts(
    since: datetime, until: datetime, due: str
) -> None:
    way = route(DueRule(business_days=5))
    waiting = opened(way.stages[0], way, MORNING)
    assert waiting.due_at == closing_time(date(2026, 12, 1), OFFSET)
    assert after_hold(waiting, way, since, until).due_at == closing_time(date.fromisoformat(due), OFFSET)


def test_an_escalation_in_hours_never_comes_before_the_due_time_that_a_hold_has_moved() -> None:
    way = route(DueRule(business_days=1), DueRule(business_days=None, duration=timedelta(hours=1)))
    waiting = opened(way.stages[0], way, MORNING)
    since, until = office(9, 40, "2026-11-24"), office(18, 0, "2026-11-25")
    after = after_hold(waiting, way, since, until)
    assert after.due_at == closing_time(date(2026, 11, 27), OFFSET)
    assert after.escalate_at == after.due_at + timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (office(10, 0, "2026-11-24"), "2026-11-24"),
        (office(18, 0, "2026-11-24"), "2026-11-25"),
        (office(10, 0, "2026-11-21"), "2026-11-24"),  # a Saturday before a holiday
    ],
)
def test_no_business_days_mean_the_end_of_this_one_or_of_the_next_there_is(at: datetime, due: str) -> None:
    way = route(DueRule(business_days=0))
    assert opened(way.stages[0], way, at).due_at == closing_time(date.fromisoformat(due), OFFSET)


def test_a_review_that_began_before_the_rule_keeps_the_times_its_journal_holds() -> None:
    way = route(DueRule(business_days=5), DueRule(business_days=5), business_clock=False)
    plain = Terms.model_validate_json('{"policy_id": "p", "profile": "light"}')
    assert plain.business_clock is False
    waiting = opened(way.stages[0], way, MORNING)
    held, ended = MORNING + timedelta(hours=1), MORNING + timedelta(hours=1, days=3, seconds=1.3)
    opening = Play().events[0]
    data = (
        StepSubmitted(step="imagine", round=1, content_hash="", route=way),
        StageOpened(round=1, stage=waiting),
        ReviewHeld(step="imagine", round=1, post=HEAD, until=ended),
        HoldEnded(early=True),
    )
    at = (MORNING, MORNING, held, ended)
    events = [
        Event(seq=number, at=when, actor="p", data=one)
        for number, (when, one) in enumerate(zip(at, data, strict=True), start=2)
    ]
    state = fold([opening, *events])
    assert state.review is not None
    assert times(state.review.open[0]) == [one + (ended - held) for one in times(waiting)]


def test_a_review_held_over_and_over_in_a_played_cycle_is_due_in_office_hours() -> None:
    rule = Rule(due=DueRule(business_days=3), escalate_after=DueRule(business_days=2))
    play = Play(policy=Policy(id="p", rules=(rule,)))
    play.hand_in(city.imagine())
    assert play.state.review is not None
    assert play.state.review.route.terms.business_clock
    for hours in (7, 31, 64, 100):
        play.decide(Action.HOLD, hold_until=play.at + timedelta(hours=hours))
        play.pass_by(timedelta(hours=hours, seconds=1.3))
        play.pass_by(timedelta(hours=1))
        play.decide(Action.HOLD, hold_until=play.at + timedelta(days=40))
        play.pass_by(timedelta(hours=hours))
        play.give(city.UNIT_CHIEF, c.Resume())
    assert all(ends_a_business_day(one) for one in times(play.state.review.open[0]))
    assert min(times(play.state.review.open[0])) > play.at
