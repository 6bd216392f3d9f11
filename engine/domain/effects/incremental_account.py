"""The account of effects kept up: when a cycle changes, only what hangs together with it is booked anew."""

from collections import defaultdict
from collections.abc import Iterable

from engine.domain.effects.account import AccountEntry, Booking, book


class Books:
    """Every booking of a city, as `book` would make them from all entries at once."""

    def __init__(self, utc_offset_minutes: int = 540) -> None:
        self.offset = utc_offset_minutes
        self._entries: dict[str, AccountEntry] = {}
        self._bookings: dict[str, Booking] = {}
        self._near: dict[str, set[str]] = defaultdict(set)

    def __getitem__(self, cycle_id: str) -> Booking:
        return self._bookings[cycle_id]

    def parents(self, cycle_id: str) -> tuple[str, ...]:
        """What a cycle grew from as far as is known; empty for one that is not known."""
        known = self._entries.get(cycle_id)
        return known.parents if known else ()

    def put(self, entries: Iterable[AccountEntry]) -> set[str]:
        """Cycles that are new or have changed; gives every cycle whose booking is another one now."""
        touched = [one for one in entries if self._entries.get(one.cycle_id) != one]
        for one in touched:
            self._entries[one.cycle_id] = one
            for parent in one.parents:
                self._near[one.cycle_id].add(parent)
                self._near[parent].add(one.cycle_id)
        changed: set[str] = set()
        for booking in book(self._together(one.cycle_id for one in touched), self.offset):
            name = booking.entry.cycle_id
            if self._bookings.get(name) != booking:
                self._bookings[name] = booking
                changed.add(name)
        return changed

    def _together(self, cycles: Iterable[str]) -> list[AccountEntry]:
        """Everything that hangs together with these cycles, over joins too."""
        fresh = set(cycles)
        found = set(fresh)
        while fresh:
            fresh = {near for one in fresh for near in self._near.get(one, ())} - found
            found |= fresh
        return [self._entries[one] for one in found if one in self._entries]
