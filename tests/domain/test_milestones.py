from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.errors import DomainError
from engine.domain.ledger.facts import Entry, Fact, Grade, MilestoneLate, MilestoneReminded, MilestoneReported
from engine.domain.ledger.milestones import (
    MilestoneStatus,
    falls_due,
    next_look,
    report,
    standings,
    stream_of,
    tracked,
)
from engine.domain.organisation.organisation import Duty
from engine.domain.roadmap import Edition, Governance, Startup, StartupMilestone

DUE = date(2027, 3, 31)
GOAL = StartupMilestone(code="M1", name="サンプル 棚卸し", due=DUE)
STARTUP = Startup(code="CA-01", governance=Governance.CROSS_AGENCY, milestones=(GOAL,))
EDITION = Edition(id="e", startups=(STARTUP, Startup(code="SL-01", governance=Governance.SECTION_LED)))


def entries(*facts: Fact) -> tuple[Entry, ...]:
    at = datetime(2027, 1, 1, tzinfo=UTC)
    return tuple(
        Entry(stream=stream_of("CA-01"), seq=number, at=at, actor="dx", data=fact)
        for number, fact in enumerate(facts, start=1)
    )


def lived(first: date, last: date, *reports: tuple[date, MilestoneReported]) -> list[tuple[date, Fact]]:
    """What each day brings, looked at only on the days that `next_look` names."""
    told: list[tuple[date, Fact]] = []
    known: tuple[Entry, ...] = ()
    day: date | None = first
    while day is not None and day <= last:
        for on, said in reports:
            if on == day:
                known = (*known, *entries(said))
        for fact in falls_due(STARTUP, known, day, ()):
            told.append((day, fact))
            known = (*known, *entries(fact))
        following = next_look(STARTUP, known, day, ())
        soon = [on for on, _ in reports if on > day]
        day = min([one for one in (following, *soon) if one is not None], default=None)
    return told


def reminders(told: Sequence[tuple[date, Fact]]) -> list[date]:
    return [day for day, fact in told if isinstance(fact, MilestoneReminded)]


def test_it_is_reminded_five_business_days_before_on_its_day_and_each_week_while_late() -> None:
    told = lived(date(2027, 1, 1), date(2027, 4, 30))
    assert reminders(told) == [
        date(2027, 3, 24), date(2027, 3, 31), date(2027, 4, 7),
        date(2027, 4, 14), date(2027, 4, 21), date(2027, 4, 28),
    ]  # fmt: skip
    assert [day for day, fact in told if isinstance(fact, MilestoneLate)] == [date(2027, 4, 1)]


def test_a_report_of_done_ends_the_reminders_and_any_other_report_does_not() -> None:
    late = MilestoneReported(milestone="M1", grade=Grade.C, note="人手が足りない")
    done = MilestoneReported(milestone="M1", grade=Grade.C, done_on=date(2027, 4, 9))
    told = lived(date(2027, 1, 1), date(2027, 12, 31), (date(2027, 4, 2), late), (date(2027, 4, 9), done))
    assert reminders(told)[-1] == date(2027, 4, 7)


def test_a_day_that_was_slept_through_brings_its_facts_once() -> None:
    late = falls_due(STARTUP, (), DUE + timedelta(days=100), ())
    assert [fact.type for fact in late] == ["milestone_late", "milestone_reminded"]
    assert falls_due(STARTUP, entries(*late), DUE + timedelta(days=100), ()) == ()


def test_a_new_day_for_a_milestone_is_reminded_anew_and_keeps_its_reports() -> None:
    said = MilestoneReported(milestone="M1", grade=Grade.B, note="順調")
    known = entries(said, MilestoneReminded(milestone="M1", due=DUE, on=date(2027, 3, 24)))
    moved = STARTUP.model_copy(update={"milestones": (GOAL.model_copy(update={"due": date(2027, 9, 30)}),)})
    (standing,) = standings(moved, known, date(2027, 4, 1))
    assert (standing.status, standing.grade, standing.note) == (MilestoneStatus.PLANNED, Grade.B, "順調")
    assert next_look(moved, known, date(2027, 4, 1), ()) == date(2027, 9, 23)


@pytest.mark.parametrize(
    ("today", "status"),
    [(DUE - timedelta(days=1), "planned"), (DUE, "due"), (DUE + timedelta(days=1), "late")],
)
def test_where_it_stands_follows_from_the_day(today: date, status: str) -> None:
    assert [one.status.value for one in standings(STARTUP, (), today)] == [status]


@given(st.dates(min_value=date(2026, 1, 1), max_value=date(2028, 12, 31)))
def test_there_is_always_a_next_look_while_it_is_not_done(today: date) -> None:
    known = entries(*falls_due(STARTUP, (), today, ()))
    following = next_look(STARTUP, known, today, ())
    assert following is not None
    assert following > today


def test_only_cross_agency_startups_with_milestones_are_followed() -> None:
    assert [one.code for one in tracked(EDITION)] == ["CA-01"]
    assert tracked(None) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"startup": "CA-99"}, "unknown_startup"),
        ({"milestone": "M9"}, "unknown_milestone"),
        ({"duties": frozenset({Duty.FINANCE})}, "dx_team_only"),
        ({"done_on": date(2027, 1, 2)}, "invalid_fields"),
        ({"done_on": date(2026, 12, 1), "grade": Grade.D}, "invalid_fields"),
        ({"note": "長" * 2001}, "invalid_fields"),
    ],
)
def test_a_report_that_cannot_be_is_refused(changes: dict[str, object], code: str) -> None:
    given_: dict[str, object] = {
        "startup": "CA-01", "milestone": "M1", "grade": Grade.B, "note": None, "done_on": None,
        "duties": frozenset({Duty.DX_TEAM}), "today": date(2027, 1, 1),
    }  # fmt: skip
    with pytest.raises(DomainError, match=f"^{code}$"):
        report(EDITION, **(given_ | changes))  # type: ignore[arg-type]
