"""Time at scale: one row for each cycle, owner time, approver time and pauses as bars on one axis.

Lengths are user units of an SVG; instants are aware. The axis is the office calendar: days begin at its midnight.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from api.web.spiral.model import Value
from engine.domain.analytics.timeline import Stretch, Who
from engine.domain.steps import Step

WIDTH = 900.0
ROW, BAR, TOP = 30.0, 16.0, 26.0
SHORTEST = 1.5
"""A bar that would be thinner is drawn this wide, so that a decision within minutes is seen."""
MOST_TICKS = 12


class Life(Value):
    """A cycle's stretches, under a name."""

    cycle_id: str
    name: str
    stretches: tuple[Stretch, ...]


class Bar(Value):
    """One stretch at scale."""

    who: Who
    step: Step
    days: float
    since: datetime
    until: datetime
    x: float
    width: float


class TimelineRow(Value):
    """One cycle."""

    cycle_id: str
    name: str
    y: float
    bars: tuple[Bar, ...]
    owner_days: float
    approver_days: float
    held_days: float


class Tick(Value):
    """A day on the axis."""

    x: float
    day: date


class Timeline(Value):
    """All rows in a box from (0, 0) to (width, height)."""

    width: float
    height: float
    rows: tuple[TimelineRow, ...]
    ticks: tuple[Tick, ...]


def timeline(lives: Sequence[Life], zone: ZoneInfo) -> Timeline:
    """The rows, in the order given, on one axis from the first beginning to the last end."""
    every = [one for life in lives for one in life.stretches]
    if not every:
        return Timeline(width=WIDTH, height=TOP, rows=(), ticks=())
    begin, end = min(one.since for one in every), max(one.until for one in every)
    span = max((end - begin).total_seconds(), 1.0)

    def at(moment: datetime) -> float:
        return (moment - begin).total_seconds() / span * WIDTH

    rows = tuple(
        TimelineRow(
            cycle_id=life.cycle_id,
            name=life.name,
            y=TOP + index * ROW,
            bars=tuple(_bar(one, at(one.since), at(one.until)) for one in life.stretches),
            owner_days=_days(life.stretches, "owner"),
            approver_days=_days(life.stretches, "approver"),
            held_days=_days(life.stretches, "held"),
        )
        for index, life in enumerate(lives)
    )
    ticks = tuple(Tick(x=at(moment), day=moment.date()) for moment in _ticks(begin, end, zone))
    return Timeline(width=WIDTH, height=TOP + len(rows) * ROW, rows=rows, ticks=ticks)


def _bar(one: Stretch, x: float, until: float) -> Bar:
    return Bar(
        who=one.who, step=one.step, days=one.seconds / 86400, since=one.since, until=one.until,
        x=x, width=max(until - x, SHORTEST),
    )  # fmt: skip


def _days(stretches: Sequence[Stretch], who: Who) -> float:
    return sum(one.seconds for one in stretches if one.who == who) / 86400


def _ticks(begin: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """Midnights of whole days, weeks (Mondays) or months, as many as can be read."""
    first = datetime.combine(begin.astimezone(zone).date() + timedelta(days=1), datetime.min.time(), zone)
    days = [first + timedelta(days=number) for number in range(max(0, (end - first).days + 1))]
    for kept in (days, [day for day in days if day.weekday() == 0], [day for day in days if day.day == 1]):
        if len(kept) <= MOST_TICKS:
            return kept
    months = [day for day in days if day.day == 1]
    return months[:: len(months) // MOST_TICKS + 1]
