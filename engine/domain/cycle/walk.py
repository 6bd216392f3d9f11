"""The way through some events, step by step, walked once for all who look at it: past, decisions, figures.

Must not know what anybody makes of it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from engine.domain.cycle.events import Event
from engine.domain.cycle.evolve import evolve
from engine.domain.cycle.state import CycleState


class Passage(NamedTuple):
    """One event with the state before it, None before a cycle's first, and the state after it."""

    before: CycleState | None
    event: Event
    after: CycleState


def walk(before: CycleState | None, events: Iterable[Event]) -> tuple[Passage, ...]:
    """Each of `events` with the states around it; the first follows on `before`."""
    found: list[Passage] = []
    for event in events:
        after = evolve(before, event)
        found.append(Passage(before, event, after))
        before = after
    return tuple(found)
