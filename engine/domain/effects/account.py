"""How effects add up: increments along the lineage, and their sums by year, pillar, startup and office.

A larger cycle contains the smaller ones it grew from or that joined it, and a cycle that repeats the same scope
(retry, sustain) measures the same place again. So each measurement books only what is new at its time: its own value
less everything already booked inside its place. Sums of bookings then never count an hour twice, however the spiral
branches and merges. Numbers are added as exact decimals, so no order of adding changes a total; unmeasured is None,
never zero; hours and yen are never added to each other.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, localcontext

from pydantic import BaseModel, ConfigDict

from engine.domain.calendar import fiscal_year, local_date
from engine.domain.steps import CycleKind, CycleStatus

EXACT = Context(prec=60)
"""Enough digits for every sum of numbers that a form accepts, so that adding never rounds."""


def is_worse(hours_saved_per_year: float | None, verdict: str | None) -> bool:
    """Whether a result is worse than before: hours are lost, or it was judged so, whatever it was measured in."""
    return (hours_saved_per_year or 0.0) < 0 or verdict == "worse"


class AccountEntry(BaseModel):
    """One cycle as the account sees it.

    Args:
        parents: the cycles it grew out of, and those that joined it; across initiatives too.
        again: those of `parents` whose very scope it measures again (retry, sustain).
        hours_saved_per_year: 時間/年 for the whole of its scope; None until measured, negative when worse.
        yen_per_year: 円/年 for the whole of its scope.
        realised_at: when its Realise was approved; None until then.
        verdict: the owner's own judgement of the approved result.
        adopted_from: the cycle it copied sideways; a copy's effect is its own, so this is no parent.
    """

    model_config = ConfigDict(frozen=True)

    cycle_id: str
    initiative_id: str
    kind: CycleKind
    status: CycleStatus
    turn: int
    pillar: str | None = None
    startup: str | None = None
    org_scope: str
    org_unit: str
    hours_saved_per_year: float | None = None
    yen_per_year: float | None = None
    hourly_rate_yen: float | None = None
    realised_at: datetime | None = None
    verdict: str | None = None
    parents: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    adopted_from: str | None = None

    @property
    def measured(self) -> bool:
        """Whether an approved result is there."""
        return self.hours_saved_per_year is not None or self.yen_per_year is not None

    @property
    def worse(self) -> bool:
        """Whether the approved result is worse than before: fewer hours saved than none, or so judged."""
        return is_worse(self.hours_saved_per_year, self.verdict)


class Booking(BaseModel):
    """An entry with what it adds; the fiscal year (April to March) is that of the day its Realise was approved."""

    model_config = ConfigDict(frozen=True)

    entry: AccountEntry
    hours: float | None
    yen: float | None
    fiscal_year: int | None


class EffectSum(BaseModel):
    """A sum of bookings. None while nothing in it is measured; `unmeasured` counts open cycles without a result."""

    model_config = ConfigDict(frozen=True)

    hours_saved_per_year: float | None = None
    yen_per_year: float | None = None
    measured: int = 0
    unmeasured: int = 0
    worse: int = 0


def increments(
    own: Mapping[str, float | None],
    parents: Mapping[str, Iterable[str]],
    again: Mapping[str, Collection[str]] | None = None,
    order: Sequence[str] | None = None,
) -> dict[str, float | None]:
    """What each cycle adds beyond everything its place contained when it was measured.

    Args:
        own: effect of each cycle for the whole of its scope; None while unmeasured.
        parents: the cycles each one grew out of or was joined by; cycles not in `own` are ignored.
        again: of those parents, the ones whose same scope it measures again.
        order: the cycles in the order of measuring; ancestors first when not given.

    Returns:
        The increment of each cycle in the unit of `own`, rounded to six digits; None where it is unmeasured.
    """
    ring = _rings(own, again or {})
    inside = _contained(own, parents, ring)
    booked: dict[str, Decimal] = {}
    result: dict[str, float | None] = dict.fromkeys(own)
    with localcontext(EXACT):
        for cycle in order if order is not None else sorted(own, key=lambda one: (len(inside(ring[one])), one)):
            value = own[cycle]
            if value is None:
                continue
            added = Decimal(str(value)) - sum(
                (booked.get(one, Decimal(0)) for one in inside(ring[cycle])), Decimal(0)
            )
            booked[ring[cycle]] = booked.get(ring[cycle], Decimal(0)) + added
            result[cycle] = round(float(added), 6)
    return result


def _rings(own: Iterable[str], again: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Each cycle's place: cycles that measure one scope again and again share a place, named by one of them."""
    place = {cycle: cycle for cycle in own}

    def root(cycle: str) -> str:
        while place[cycle] != cycle:
            place[cycle] = place[place[cycle]]
            cycle = place[cycle]
        return cycle

    for cycle, same in again.items():
        for other in same:
            if cycle in place and other in place:
                place[root(cycle)] = root(other)
    return {cycle: root(cycle) for cycle in place}


def _contained(
    own: Iterable[str], parents: Mapping[str, Iterable[str]], ring: Mapping[str, str]
) -> Callable[[str], frozenset[str]]:
    """For a place, all places inside it, itself included."""
    direct: dict[str, set[str]] = {}
    for cycle in own:
        direct.setdefault(ring[cycle], set()).update(ring[one] for one in parents.get(cycle, ()) if one in ring)
    known: dict[str, frozenset[str]] = {}

    def inside(place: str) -> frozenset[str]:
        if place not in known:
            found, waiting = {place}, [place]
            while waiting:
                for other in direct.get(waiting.pop(), ()):
                    if other not in found:
                        found.add(other)
                        waiting.append(other)
            known[place] = frozenset(found)
        return known[place]

    return inside


def book(entries: Iterable[AccountEntry], utc_offset_minutes: int = 540) -> tuple[Booking, ...]:
    """Every entry with what it adds, in the order of measuring; those not measured come last.

    `entries` must hold everything connected with what is asked about, other initiatives included.
    """
    found = sorted(entries, key=_when)
    order = [entry.cycle_id for entry in found]
    parents = {entry.cycle_id: entry.parents for entry in found}
    again = {entry.cycle_id: entry.again for entry in found if entry.again}
    hours = increments({one.cycle_id: one.hours_saved_per_year for one in found}, parents, again, order)
    yen = increments({one.cycle_id: one.yen_per_year for one in found}, parents, again, order)
    return tuple(
        Booking.model_construct(
            entry=one,
            hours=hours[one.cycle_id],
            yen=yen[one.cycle_id],
            fiscal_year=fiscal_year(local_date(one.realised_at, utc_offset_minutes)) if one.realised_at else None,
        )
        for one in found
    )


def _when(entry: AccountEntry) -> tuple[bool, float, int, str]:
    at = entry.realised_at
    return (at is None, at.timestamp() if at else 0.0, entry.turn, entry.cycle_id)


@dataclass
class Total:
    """A sum of bookings that can be added to and taken from; exact, so the way to it does not matter."""

    hours: Decimal = Decimal(0)
    yen: Decimal = Decimal(0)
    hours_known: int = 0
    yen_known: int = 0
    measured: int = 0
    unmeasured: int = 0
    worse: int = 0
    bookings: int = 0

    def add(self, one: Booking, times: int = 1) -> None:
        """Adds a booking, or takes it away with `times` -1."""
        self.bookings += times
        if one.hours is not None:
            self.hours = EXACT.add(self.hours, Decimal(str(one.hours)) * times)
            self.hours_known += times
        if one.yen is not None:
            self.yen = EXACT.add(self.yen, Decimal(str(one.yen)) * times)
            self.yen_known += times
        self.measured += times * one.entry.measured
        self.unmeasured += times * (not one.entry.measured and one.entry.status.is_open)
        self.worse += times * one.entry.worse

    def merge(self, other: "Total") -> None:
        """Adds all that another sum holds."""
        self.bookings += other.bookings
        self.hours, self.yen = EXACT.add(self.hours, other.hours), EXACT.add(self.yen, other.yen)
        self.hours_known += other.hours_known
        self.yen_known += other.yen_known
        self.measured += other.measured
        self.unmeasured += other.unmeasured
        self.worse += other.worse

    def result(self) -> EffectSum:
        """The sum, rounded once."""
        return EffectSum(
            hours_saved_per_year=round(float(self.hours), 6) if self.hours_known else None,
            yen_per_year=round(float(self.yen), 6) if self.yen_known else None,
            measured=self.measured,
            unmeasured=self.unmeasured,
            worse=self.worse,
        )


def summed(bookings: Iterable[Booking]) -> EffectSum:
    """The sum of some bookings."""
    total = Total()
    for one in bookings:
        total.add(one)
    return total.result()


def added_up(parts: Iterable[float | None]) -> float | None:
    """The exact sum of what is known, rounded once at the end; None when nothing is."""
    with localcontext(EXACT):
        known = [Decimal(str(part)) for part in parts if part is not None]
        return round(float(sum(known, Decimal(0))), 6) if known else None
