"""The city at a glance: what each figure is made of, how this year stands to the last, how departments share it."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple

from engine.domain.analytics.drilldown import WAITING, DrilledPart
from engine.domain.analytics.figure import DAY
from engine.domain.analytics.history import Moment
from engine.domain.analytics.query import FiguresWanted
from engine.domain.analytics.tallies import Dated, Tallies
from engine.domain.base import Frozen
from engine.domain.calendar import fiscal_year
from engine.domain.effects.account import EffectSum, Total, added_up
from engine.domain.effects.sums import Group
from engine.domain.organisation.organisation import Organisation, Unit, UnitLevel
from engine.domain.scope import OrgScope

MONTHS = 12


def made_of(
    tallies: Tallies, part: DrilledPart, at: datetime, start: int = 0, most: int | None = None
) -> list[Moment]:
    """The cycles behind a figure: what waits comes the longest first, everything else the newest first.

    Args:
        tallies: the cycles that are meant.
        part: which figure.
        at: the instant whose state is told.
        start: how many come before the first that is wanted.
        most: how many are wanted; None for all.
    """
    end = None if most is None else start + most
    if part is DrilledPart.OVERDUE:
        waiting = (tallies.moment(cycle) for _, cycle in tallies.values("waiting"))
        return list(islice((one for one in waiting if one.due_at is not None and one.due_at < at), start, end))
    names = tallies.values(part)
    found = names if part in WAITING.values() else names[::-1]
    return [tallies.moment(cycle) for _, cycle in found[start:end]]


def how_many(tallies: Tallies, part: DrilledPart, at: datetime) -> int:
    """How many cycles are behind a figure."""
    return tallies.before("due", at) if part is DrilledPart.OVERDUE else len(tallies.values(part))


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


def glance(tallies: Tallies, at: datetime) -> Glance:
    """What the page says first."""
    first = next(iter(made_of(tallies, DrilledPart.WAITS_FOR_APPROVER, at, most=1)), None)
    return Glance(
        initiatives=len(tallies.counts("open_initiative")),
        waits_for_owner=how_many(tallies, DrilledPart.WAITS_FOR_OWNER, at),
        waits_for_approver=how_many(tallies, DrilledPart.WAITS_FOR_APPROVER, at),
        overdue=how_many(tallies, DrilledPart.OVERDUE, at),
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


def trend(dated: Dated, today: date) -> Trend:
    """How this fiscal year stands to the last.

    Args:
        dated: every cycle that is meant, whatever its year.
        today: the last day that counts.
    """
    year, same_day = fiscal_year(today), _year_before(today)
    now, before = (date(year, 4, 1), today), (date(year - 1, 4, 1), same_day)
    months: dict[date, Total] = defaultdict(Total)
    finished = Counter[date]()
    for day, total in dated.measured.items():
        months[day.replace(day=1)].merge(total)
    for day, count in dated.finished.items():
        finished[day.replace(day=1)] += count if day <= today else 0
    return Trend(
        fiscal_year=year,
        hours=_between(dated, *now),
        hours_before=_between(dated, *before),
        completed=sum(count for day, count in dated.finished.items() if now[0] <= day <= now[1]),
        completed_before=sum(count for day, count in dated.finished.items() if before[0] <= day <= before[1]),
        months=tuple(
            Month(first=first, hours=months[first].result().hours_saved_per_year, completed=finished[first])
            for first in _months(today)
        ),
    )


def _between(dated: Dated, first: date, last: date) -> float | None:
    total = Total()
    for day, one in dated.measured.items():
        if first <= day <= last:
            total.merge(one)
    return total.result().hours_saved_per_year


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
    tallies: Tallies, organisation: Organisation, within: Collection[str] | None
) -> tuple[Department, ...]:
    """Who has how much on which rung, in the order of the organisation; departments with nothing are there too.

    Args:
        tallies: the cycles that are meant.
        organisation: whose departments.
        within: codes of the units that are asked for; None means all.
    """
    units: dict[str, set[str]] = defaultdict(set)
    for code in tallies.counts("org_unit"):
        units[_department(code, organisation)].add(code)
    tiles = Counter[tuple[str, str, str]]()
    homes = {code: home for home, codes in units.items() for code in codes}
    for (code, scope, state), count in tallies.counts("tile").items():
        tiles[homes[code], scope, state] += count
    shown: list[Unit] = [
        unit
        for unit in organisation.units
        if unit.code in units or (unit.level is UnitLevel.DEPARTMENT and (within is None or unit.code in within))
    ]
    return tuple(
        Department(
            unit=unit.code,
            tiles=tuple(
                Tile(
                    org_scope=scope.value,
                    open=tiles[unit.code, scope.value, "open"],
                    completed=tiles[unit.code, scope.value, "completed"],
                )
                for scope in OrgScope
            ),
            initiatives=len(set[str]().union(*(tallies.counts(("begun", code)) for code in units[unit.code]))),
        )
        for unit in shown
    )


def _department(code: str, organisation: Organisation) -> str:
    above = [unit for unit in (organisation.unit(code), *organisation.ancestors(code)) if unit is not None]
    return next((unit.code for unit in above if unit.level is UnitLevel.DEPARTMENT), organisation.citywide().code)


class Sign(NamedTuple):
    """An initiative that has come far, with where its cycles stand and what they added; None while unmeasured."""

    moments: tuple[Moment, ...]
    hours: float | None


def signs(tallies: Tallies, wanted: FiguresWanted, most: int) -> tuple[Sign, ...]:
    """The initiatives that have come furthest."""
    return tuple(
        Sign(
            moments=tuple(one.moment for one in cycles),
            hours=added_up(one.booking.hours for one in cycles if wanted.counts(one.booking.entry.realised_at)),
        )
        for cycles in tallies.furthest(most)
    )


class Overview(NamedTuple):
    """Everything the page of the city says beyond the dashboards."""

    glance: Glance
    trend: Trend
    departments: tuple[Department, ...]
    signs: tuple[Sign, ...]
    effects: EffectSum
    pillars: tuple[Group, ...]
    initiatives: int
