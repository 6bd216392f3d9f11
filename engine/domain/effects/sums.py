"""Sums of the account of effects, for a selection and by group: kept up booking by booking, or made at once."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from engine.domain.effects.account import Booking, EffectSum, Total
from engine.domain.organisation.organisation import Organisation


class Group(BaseModel):
    """One group. `rolled_up` is, for offices, the sum with all units below; elsewhere the same as `own`."""

    model_config = ConfigDict(frozen=True)

    key: str | None
    own: EffectSum
    rolled_up: EffectSum


class GroupBy(StrEnum):
    """What sums are broken down by."""

    FISCAL_YEAR = "fiscal_year"
    PILLAR = "pillar"
    STARTUP = "startup"
    ORG_UNIT = "org_unit"
    ORG_SCOPE = "org_scope"
    KIND = "kind"


class Selection(BaseModel):
    """Which bookings; None means any. `org_unit` takes the units below with it.

    A cycle that is not measured has no fiscal year yet, so a selection by year leaves it out.
    """

    model_config = ConfigDict(frozen=True)

    fiscal_year: int | None = None
    pillar: str | None = None
    startup: str | None = None
    org_unit: str | None = None

    def takes(self, one: Booking, organisation: Organisation) -> bool:
        """Whether a booking is meant."""
        return (
            self.fiscal_year in {None, one.fiscal_year}
            and self.pillar in {None, one.entry.pillar}
            and self.startup in {None, one.entry.startup}
            and (self.org_unit is None or organisation.is_same_or_ancestor(self.org_unit, one.entry.org_unit))
        )

    def of(self, bookings: Iterable[Booking], organisation: Organisation) -> tuple[Booking, ...]:
        """The bookings that are meant, in their order."""
        return tuple(one for one in bookings if self.takes(one, organisation))


class Summed(BaseModel):
    """A total, its groups, and the rates (円/時) with which hours were turned into yen, in order."""

    model_config = ConfigDict(frozen=True)

    total: EffectSum
    groups: tuple[Group, ...]
    rates: tuple[float, ...]


class Sums:
    """The bookings that are meant, summed in groups; without `by` as one."""

    def __init__(
        self, selection: Selection, by: GroupBy | None, organisation: Organisation, bookings: Iterable[Booking] = ()
    ) -> None:
        self._selection, self._by, self._organisation = selection, by, organisation
        self._own: dict[str | None, Total] = {}
        self._rates: Counter[float] = Counter()
        for one in bookings:
            self.move(None, one)

    def move(self, before: Booking | None, after: Booking | None) -> None:
        """A booking that was there is another one now."""
        for one, times in ((before, -1), (after, 1)):
            if one is None or not self._selection.takes(one, self._organisation):
                continue
            key = _key(one, self._by) if self._by is not None else None
            total = self._own.setdefault(key, Total())
            total.add(one, times)
            if not total.bookings:
                del self._own[key]
            if one.entry.hourly_rate_yen is not None:
                self._rates[one.entry.hourly_rate_yen] += times

    def total(self) -> EffectSum:
        """The sum of all groups."""
        total = Total()
        for one in self._own.values():
            total.merge(one)
        return total.result()

    def result(self) -> Summed:
        """Everything, as it is now."""
        rates = sorted(rate for rate, count in self._rates.items() if count)
        return Summed(total=self.total(), groups=self.groups(), rates=tuple(rates))

    def groups(self) -> tuple[Group, ...]:
        """Sums for each key, in the order of keys, None last; none when nothing was to be grouped by.

        For offices every unit above a booking's own appears too, and `rolled_up` holds its whole branch; `own` sums
        add up to the total, `rolled_up` sums overlap.
        """
        if self._by is None:
            return ()
        branch: dict[str | None, Total] = {}
        for key, total in self._own.items():
            for place in (key, *_above(key, self._by, self._organisation)):
                branch.setdefault(place, Total()).merge(total)
        return tuple(
            Group(key=key, own=self._own.get(key, Total()).result(), rolled_up=branch[key].result())
            for key in sorted(branch, key=lambda key: (key is None, key or ""))
        )


def grouped(bookings: Iterable[Booking], by: GroupBy, organisation: Organisation) -> tuple[Group, ...]:
    """See `Sums.groups`."""
    return Sums(Selection(), by, organisation, bookings).groups()


def _key(one: Booking, by: GroupBy) -> str | None:
    match by:
        case GroupBy.FISCAL_YEAR:
            return None if one.fiscal_year is None else str(one.fiscal_year)
        case GroupBy.KIND:
            return one.entry.kind.value
        case GroupBy.PILLAR | GroupBy.STARTUP | GroupBy.ORG_UNIT | GroupBy.ORG_SCOPE:
            found: str | None = getattr(one.entry, by.value)
            return found


def _above(key: str | None, by: GroupBy, organisation: Organisation) -> tuple[str, ...]:
    if by is not GroupBy.ORG_UNIT or key is None:
        return ()
    return tuple(unit.code for unit in organisation.ancestors(key))
