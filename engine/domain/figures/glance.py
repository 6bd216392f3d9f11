"""The city at a glance: what each figure is made of, how this year stands to the last, how departments share it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from engine.domain.account import Booking, added_up
from engine.domain.approvals import Frozen
from engine.domain.calendar import fiscal_year, local_date
from engine.domain.figures.measure import DAY
from engine.domain.figures.wanted import OPEN
from engine.domain.history import Moment
from engine.domain.organisation import Organisation, Unit, UnitLevel
from engine.domain.scope import OrgScope

MONTHS = 12


class Part(StrEnum):
    """What a figure of the page is made of: a rule that a cycle meets or does not."""

    UNDER_WAY = "under_way"
    COMPLETED = "completed"
    GROWN = "grown"
    WAITS_FOR_OWNER = "waits_for_owner"
    WAITS_FOR_APPROVER = "waits_for_approver"
    OVERDUE = "overdue"
    MEASURED = "measured"
    UNMEASURED = "unmeasured"
    WORSE = "worse"


def made_of(moments: Iterable[Moment], part: Part, expanded: Collection[str], at: datetime) -> tuple[Moment, ...]:
    """The cycles behind a figure: what waits comes the longest first, everything else the newest first.

    Args:
        moments: where the cycles that are meant stand.
        part: which figure.
        expanded: ids of the cycles out of which a larger one has grown.
        at: the instant whose state is told.
    """
    found = [one for one in moments if _meets(one, part, expanded, at)]
    if part in {Part.WAITS_FOR_OWNER, Part.WAITS_FOR_APPROVER, Part.OVERDUE}:
        return tuple(sorted(found, key=lambda one: (one.waiting_since, one.cycle_id)))
    return tuple(sorted(found, key=lambda one: (one.since, one.cycle_id), reverse=True))


def _meets(one: Moment, part: Part, expanded: Collection[str], at: datetime) -> bool:  # noqa: PLR0911 - one per part
    measured = one.hours_saved_per_year is not None or one.measured_at is not None
    match part:
        case Part.UNDER_WAY:
            return one.status in OPEN
        case Part.COMPLETED:
            return one.status == "completed"
        case Part.GROWN:
            return one.status == "completed" and one.cycle_id in expanded
        case Part.WAITS_FOR_OWNER:
            return one.waits_for == "owner"
        case Part.WAITS_FOR_APPROVER:
            return one.waits_for == "approver"
        case Part.OVERDUE:
            return one.due_at is not None and one.due_at < at
        case Part.MEASURED:
            return measured
        case Part.UNMEASURED:
            return not measured and one.status in OPEN
        case Part.WORSE:
            return measured and ((one.hours_saved_per_year or 0.0) < 0 or one.verdict == "worse")
        case _:
            assert_never(part)


class Oldest(Frozen):
    """The decision that has waited longest; days of 24 hours."""

    cycle_id: str
    posts: tuple[str, ...]
    days: float


class Glance(Frozen):
    """The state of the city in a few numbers: initiatives with an open cycle, and what waits for whom."""

    initiatives: int
    waits_for_owner: int
    waits_for_approver: int
    overdue: int
    oldest: Oldest | None


def glance(moments: Sequence[Moment], at: datetime) -> Glance:
    """What the page says first."""
    waiting = made_of(moments, Part.WAITS_FOR_APPROVER, (), at)
    first = waiting[0] if waiting else None
    return Glance(
        initiatives=len({one.initiative_id for one in moments if one.status in OPEN}),
        waits_for_owner=len(made_of(moments, Part.WAITS_FOR_OWNER, (), at)),
        waits_for_approver=len(waiting),
        overdue=len(made_of(moments, Part.OVERDUE, (), at)),
        oldest=None
        if first is None
        else Oldest(
            cycle_id=first.cycle_id,
            posts=tuple(first.posts.split()),
            days=round((at - first.waiting_since).total_seconds() / DAY, 2),
        ),
    )


class Month(Frozen):
    """One month: 時間/年 that results approved in it added, None when none was measured; cycles that finished."""

    first: date
    hours: float | None
    completed: int


class Trend(Frozen):
    """A fiscal year up to a day, the one before it up to the same day, and the last twelve months, oldest first."""

    fiscal_year: int
    hours: float | None
    hours_before: float | None
    completed: int
    completed_before: int
    months: tuple[Month, ...]


def trend(bookings: Iterable[Booking], moments: Iterable[Moment], today: date, offset: int) -> Trend:
    """How this fiscal year stands to the last.

    Args:
        bookings: every booking that is meant, whatever its year.
        moments: where the cycles that are meant stand, whatever their year.
        today: the last day that counts.
        offset: the office's distance from UTC, in minutes.
    """
    measured = [(local_date(at, offset), one.hours) for one in bookings if (at := one.entry.realised_at) is not None]
    ended = [local_date(one.since, offset) for one in moments if one.status == "completed"]
    year, same_day = fiscal_year(today), _year_before(today)
    now, before = (date(year, 4, 1), today), (date(year - 1, 4, 1), same_day)
    hours: dict[date, list[float | None]] = defaultdict(list)
    for day, added in measured:
        hours[day.replace(day=1)].append(added)
    finished = Counter(day.replace(day=1) for day in ended if day <= today)
    return Trend(
        fiscal_year=year,
        hours=added_up(added for day, added in measured if now[0] <= day <= now[1]),
        hours_before=added_up(added for day, added in measured if before[0] <= day <= before[1]),
        completed=sum(now[0] <= day <= now[1] for day in ended),
        completed_before=sum(before[0] <= day <= before[1] for day in ended),
        months=tuple(
            Month(first=first, hours=added_up(hours[first]), completed=finished[first]) for first in _months(today)
        ),
    )


def _year_before(day: date) -> date:
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - 1, day=last)


def _months(today: date) -> list[date]:
    index = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(index - MONTHS + 1, index + 1)]


class Tile(Frozen):
    """Cycles of one department on one rung."""

    org_scope: str
    open: int
    completed: int


class Department(Frozen):
    """A department with everything below it, rung by rung; the city's own unit holds what stands in no department."""

    unit: str
    tiles: tuple[Tile, ...]
    initiatives: int


def departments(
    moments: Iterable[Moment], organisation: Organisation, within: Collection[str] | None
) -> tuple[Department, ...]:
    """Who has how much on which rung, in the order of the organisation; departments with nothing are there too.

    Args:
        moments: where the cycles that are meant stand.
        organisation: whose departments.
        within: codes of the units that are asked for; None means all.
    """
    found: dict[str, list[Moment]] = defaultdict(list)
    above: dict[str, str] = {}
    for one in moments:
        if one.org_unit not in above:
            above[one.org_unit] = _department(one.org_unit, organisation)
        found[above[one.org_unit]].append(one)
    shown: list[Unit] = [
        unit
        for unit in organisation.units
        if unit.code in found or (unit.level is UnitLevel.DEPARTMENT and (within is None or unit.code in within))
    ]
    return tuple(
        Department(
            unit=unit.code,
            tiles=tuple(_tile(found[unit.code], scope.value) for scope in OrgScope),
            initiatives=len({one.initiative_id for one in found[unit.code]}),
        )
        for unit in shown
    )


def _department(code: str, organisation: Organisation) -> str:
    above = [unit for unit in (organisation.unit(code), *organisation.ancestors(code)) if unit is not None]
    return next((unit.code for unit in above if unit.level is UnitLevel.DEPARTMENT), organisation.citywide().code)


def _tile(moments: Iterable[Moment], scope: str) -> Tile:
    here = [one for one in moments if one.org_scope == scope]
    return Tile(
        org_scope=scope,
        open=sum(one.status in OPEN for one in here),
        completed=sum(one.status == "completed" for one in here),
    )
