from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from engine.domain.analytics.drilldown import DrilledPart
from engine.domain.analytics.history import Moment
from engine.domain.analytics.overview import MONTHS, departments, glance, how_many, made_of, trend
from engine.domain.analytics.query import FiguresWanted
from engine.domain.analytics.summary import summary
from engine.domain.analytics.tallies import Dated, Deeds, StandingTally, Tallies, standing
from engine.domain.effects.account import AccountEntry, Booking, book
from engine.domain.steps import CycleKind, CycleStatus
from tests.support import city

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


def moment(name: str = "a", **more: Any) -> Moment:
    plain: dict[str, Any] = dict.fromkeys(Moment._fields) | {
        "cycle_id": name, "since": NOW, "initiative_id": name.split(".", 1)[0], "turn": 1, "kind": "start",
        "title": "題", "org_scope": "individual", "org_unit": "U", "work_scope": "task", "owner": "o",
        "status": "active", "step": "imagine", "step_status": "draft", "steps_passed": 0, "waits_for": "owner",
        "waiting_since": NOW, "posts": "", "created_at": NOW,
    }  # fmt: skip
    return Moment(**(plain | more))


EVERY = FiguresWanted(at=NOW, today=NOW.date())


def stands(one: Moment, *, grown: bool = False) -> StandingTally:
    entry = AccountEntry(
        cycle_id=one.cycle_id, initiative_id=one.initiative_id, kind=CycleKind.START, status=CycleStatus(one.status),
        turn=1, org_scope=one.org_scope, org_unit=one.org_unit,
    )  # fmt: skip
    return standing(one, Booking(entry=entry, hours=None, yen=None, fiscal_year=None), grown=grown)


def tallies(moments: Iterable[Moment], grown: str = "") -> Tallies:
    return Tallies(EVERY, [stands(one, grown=one.cycle_id in grown) for one in moments])


def dated(bookings: Iterable[Booking], moments: Iterable[Moment] = ()) -> Dated:
    booked = [standing(moment(one.entry.cycle_id), one) for one in bookings]
    return Dated(EVERY, 540, [*booked, *(stands(one) for one in moments)])


def days(count: float) -> datetime:
    return NOW - timedelta(days=count)


CITY = (
    moment("a"),
    moment("b", waits_for="approver", waiting_since=days(3), posts="head@S", due_at=days(-1)),
    moment("c", waits_for="approver", waiting_since=days(9), posts="head@D duty@cdo", due_at=days(2)),
    moment("d", status="completed", waits_for="none", hours_saved_per_year=10.0, since=days(5)),
    moment("e", status="completed", waits_for="none", hours_saved_per_year=-4.0, since=days(2)),
    moment("f", status="completed", waits_for="none", hours_saved_per_year=0.0, verdict="worse", since=days(3)),
    moment("g", status="rejected", waits_for="none"),
    moment("h", status="on_hold", waits_for="none"),
)


@pytest.mark.parametrize(
    ("part", "names"),
    [
        (DrilledPart.UNDER_WAY, "hcba"),
        (DrilledPart.COMPLETED, "efd"),
        (DrilledPart.GROWN, "d"),
        (DrilledPart.WAITS_FOR_OWNER, "a"),
        (DrilledPart.WAITS_FOR_APPROVER, "cb"),
        (DrilledPart.OVERDUE, "c"),
        (DrilledPart.MEASURED, "efd"),
        (DrilledPart.UNMEASURED, "hcba"),
        (DrilledPart.WORSE, "ef"),
    ],
)
def test_a_figure_is_made_of_these_cycles_in_this_order(part: DrilledPart, names: str) -> None:
    found = tallies(CITY, grown="dg")
    assert "".join(one.cycle_id for one in made_of(found, part, NOW)) == names
    assert "".join(one.cycle_id for one in made_of(found, part, NOW, 1, 2)) == names[1:3]
    assert how_many(found, part, NOW) == len(names)


def test_the_city_in_a_few_numbers() -> None:
    found = glance(tallies((*CITY, moment("a.1"))), NOW)
    assert (found.initiatives, found.waits_for_owner, found.waits_for_approver, found.overdue) == (4, 2, 2, 1)
    assert found.oldest is not None
    assert (found.oldest.cycle_id, found.oldest.posts, found.oldest.days) == ("c", ("head@D", "duty@cdo"), 9.0)
    assert glance(tallies(()), NOW).oldest is None


def measured(name: str, hours: float, day: date) -> AccountEntry:
    return AccountEntry(
        cycle_id=name, initiative_id=name, kind=CycleKind.START, status=CycleStatus.COMPLETED, turn=1,
        org_scope="individual", org_unit="U", hours_saved_per_year=hours,
        realised_at=datetime(day.year, day.month, day.day, 3, tzinfo=UTC),
    )  # fmt: skip


def test_this_fiscal_year_stands_beside_the_last_to_the_same_day() -> None:
    every = book((
        measured("this", 10.0, date(2026, 4, 1)), measured("today", 1.0, date(2026, 11, 25)),
        measured("last", 7.0, date(2025, 11, 25)), measured("later", 100.0, date(2025, 11, 26)),
        measured("before", 1000.0, date(2025, 3, 31)),
    ))  # fmt: skip
    ended = [moment("x", status="completed", since=days(1)), moment("y", status="completed", since=days(366))]
    found = trend(dated(every, [*ended, moment("z")]), date(2026, 11, 25))
    assert (found.fiscal_year, found.hours, found.hours_before) == (2026, 11.0, 7.0)
    assert (found.completed, found.completed_before) == (1, 1)


def test_a_year_without_a_measurement_has_no_hours_rather_than_zero() -> None:
    found = trend(dated(()), date(2026, 11, 25))
    assert found.hours is None
    assert found.hours_before is None
    assert {one.hours for one in found.months} == {None}


def test_the_months_end_with_this_one_and_each_holds_what_came_in_it() -> None:
    every = book((measured("a", 4.0, date(2025, 12, 31)), measured("b", 5.0, date(2026, 1, 1))))
    ended = moment("x", status="completed", since=datetime(2026, 1, 31, 16, tzinfo=UTC))
    found = trend(dated(every, [ended]), date(2026, 11, 25))
    assert len(found.months) == MONTHS
    assert (found.months[0].first, found.months[-1].first) == (date(2025, 12, 1), date(2026, 11, 1))
    assert [(one.first.month, one.hours) for one in found.months if one.hours is not None] == [(12, 4.0), (1, 5.0)]
    assert [one.first.month for one in found.months if one.completed] == [2]  # the office's clock


def test_a_leap_day_is_compared_with_the_twenty_eighth() -> None:
    every = book((measured("a", 3.0, date(2027, 2, 28)), measured("b", 50.0, date(2027, 3, 1))))
    assert trend(dated(every), date(2028, 2, 29)).hours_before == 3.0


def test_a_department_has_what_stands_below_it_rung_by_rung() -> None:
    found = departments(
        tallies([
            moment("a", org_unit="U"), moment("a.1", org_unit="D", org_scope="department", status="completed"),
            moment("b", org_unit="C", org_scope="citywide"), moment("c", org_unit="U2", status="rejected"),
        ]),
        city.organisation(), None,
    )  # fmt: skip
    assert [one.unit for one in found] == ["C", "D"]
    assert [(one.open, one.completed) for one in found[1].tiles] == [(1, 0), (0, 0), (0, 0), (0, 1), (0, 0)]
    assert found[1].initiatives == 2
    assert found[0].tiles[4].open == 1


def test_a_department_with_nothing_is_there_and_the_city_itself_only_when_something_stands_there() -> None:
    assert [(one.unit, one.initiatives) for one in departments(tallies(()), city.organisation(), None)] == [("D", 0)]
    assert departments(tallies(()), city.organisation(), {"U"}) == ()


def test_what_ended_early_is_counted_among_all_that_ended_and_unknown_while_nothing_has() -> None:
    ended = [("a", "completed"), ("b", "withdrawn"), ("c", "rejected"), ("d", "active"), ("e", "completed")]
    found = summary(tallies(moment(name, status=status) for name, status in ended), Deeds(), EVERY)
    assert (found.ended_early_rate.value, found.ended_early_rate.n) == (50.0, 4)
    assert summary(tallies([moment("d")]), Deeds(), EVERY).ended_early_rate.value is None
