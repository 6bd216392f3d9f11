from datetime import UTC, date, datetime, timedelta

import pytest

from engine.domain.calendar import add_business_days, closing_time, local_date
from engine.domain.cycle import commands as c
from engine.domain.moves.deciding.timers import next_wake
from engine.domain.review.policy import Policy, Rule
from engine.domain.review.review import Action, DueRule
from engine.domain.steps import CycleStatus
from engine.store.directory.closed_days import closed_days
from tests.domain.plays import MORNING, Play, kinds
from tests.support import city

CLOSED = closed_days("JP", 2026)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-24", 1, "2026-11-25"),
        ("2026-11-20", 1, "2026-11-24"),  # a weekend and 勤労感謝の日
        ("2026-12-28", 1, "2027-01-04"),  # 12/29 to 1/3
        ("2026-04-28", 1, "2026-04-30"),
        ("2026-05-01", 1, "2026-05-07"),  # Golden Week
        ("2027-01-04", -1, "2026-12-28"),
        ("2026-11-21", 0, "2026-11-21"),
    ],
)
def test_business_days_step_over_weekends_holidays_and_the_turn_of_the_year(start: str, days: int, end: str) -> None:
    assert add_business_days(date.fromisoformat(start), days, CLOSED) == date.fromisoformat(end)


def test_the_office_day_begins_at_midnight_in_japan() -> None:
    assert local_date(datetime(2026, 3, 31, 15, 0, tzinfo=UTC), 540) == date(2026, 4, 1)
    assert local_date(datetime(2026, 3, 31, 14, 59, tzinfo=UTC), 540) == date(2026, 3, 31)
    assert closing_time(date(2026, 4, 1), 540) == datetime(2026, 4, 1, 8, 15, tzinfo=UTC)


def waiting() -> Play:
    play = Play()
    play.hand_in(city.imagine())
    return play


def test_a_review_is_due_at_closing_five_business_days_later_and_reminds_one_day_before() -> None:
    play = waiting()
    assert play.state.review is not None
    (stage,) = play.state.review.open
    assert stage.due_at == closing_time(date(2026, 12, 1), 540)
    assert next_wake(play.state) == stage.remind_at == closing_time(date(2026, 11, 30), 540)
    assert play.pass_by(stage.remind_at - MORNING - timedelta(seconds=1)) == ()
    assert kinds(play.pass_by(timedelta(seconds=1))) == ["reminder_due"]
    assert next_wake(play.state) == stage.due_at


def test_it_reminds_each_business_day_after_and_escalates_to_the_superior_and_last_to_who_chases_it() -> None:
    play = waiting()
    seen: list[str] = []
    for _ in range(40):
        wake = next_wake(play.state)
        assert wake is not None
        seen += kinds(play.pass_by(wake - play.at))
    escalations = [event.data for event in play.events if event.data.type == "stage_escalated"]
    assert [(str(one.to), one.last) for one in escalations] == [("head@S", False), ("head@C", True)]
    assert seen.index("stage_escalated") == 6
    assert {str(post) for post in play.state.open_posts()} == {"head@U", "head@S"}
    assert (play.state.status, play.state.decisions) == (CycleStatus.ACTIVE, ())
    play.decide(by=city.SECTION_HEAD)
    assert play.state.decisions[0].by == city.SECTION_HEAD


def test_a_held_review_is_due_as_many_business_days_after_the_hold_as_it_was_before() -> None:
    play = waiting()
    assert play.state.review is not None
    assert play.state.review.open[0].due_at == closing_time(date(2026, 12, 1), 540)  # five business days
    play.decide(Action.HOLD, hold_until=date(2027, 2, 1), reason="予算")
    assert next_wake(play.state) == datetime(2027, 1, 31, 15, 0, tzinfo=UTC)
    assert play.pass_by(timedelta(days=20)) == ()
    play.give(city.UNIT_CHIEF, c.Resume())
    assert play.state.review is not None
    assert play.state.review.open[0].due_at == closing_time(date(2026, 12, 21), 540)  # five from Monday 14 December
    assert play.state.clock.held_seconds == 20 * 86400


def test_owner_time_and_approver_time_are_counted_apart() -> None:
    play = Play()
    play.pass_by(timedelta(hours=5))
    play.hand_in(city.imagine())
    play.pass_by(timedelta(hours=7))
    play.decide()
    assert (play.state.clock.owner_seconds, play.state.clock.approver_seconds) == (5 * 3600, 7 * 3600)


def test_a_policy_may_count_in_seconds() -> None:
    rule = Rule(due=DueRule(business_days=None, duration=timedelta(seconds=3)))
    play = Play(policy=Policy(id="quick", rules=(rule,)))
    play.hand_in(city.imagine())
    assert next_wake(play.state) == MORNING + timedelta(seconds=3)
    assert kinds(play.pass_by(timedelta(seconds=4))) == ["reminder_due"]


def test_nothing_wakes_a_cycle_that_waits_for_its_owner_or_has_ended() -> None:
    play = Play()
    assert next_wake(play.state) is None
    play.give(city.OWNER, c.Withdraw(reason="統合"))
    assert (next_wake(play.state), play.pass_by(timedelta(days=999))) == (None, ())
