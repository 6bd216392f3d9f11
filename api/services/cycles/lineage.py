"""Where a cycle came from and what came of it: the cycles it belongs with, and the spirals that hang together."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from api.auth import Caller
from api.container import Desk
from api.services.cycles.cycles import spiral_there
from engine.contracts.lists import CycleHeading, InitiativeCycles, Lineage
from engine.domain.analytics.timeline import Stretch, stretches
from engine.domain.effects.account import Booking
from engine.domain.lineage.edges import Edge

MOST_RELATED = 30


class Kinship(StrEnum):
    """How another cycle belongs to one."""

    PARENT = "parent"
    JOINED = "joined"
    ADOPTED_FROM = "adopted_from"
    COPIED_FROM = "copied_from"
    CHILD = "child"


class Kin(NamedTuple):
    """Another cycle, and how it belongs to this one."""

    heading: CycleHeading
    how: Kinship


class SpiralWhole(NamedTuple):
    """An initiative with every other one that joined it or that it was copied from or to.

    `headings` are of all cycles that the caller may read, `edges` lead from one of them to another; `complete` is
    false when more are connected than are followed.
    """

    cycles: InitiativeCycles
    headings: tuple[CycleHeading, ...]
    edges: tuple[Edge, ...]
    complete: bool
    account: dict[str, Booking]


def headings(cycles: Iterable[str], caller: Caller, desk: Desk) -> dict[str, CycleHeading]:
    """What may be said of some cycles, by id; of those that the caller may not read, nothing."""
    return {one.cycle_id: one for one in desk.reader.headings(cycles, caller.clearance)}


def related(lineage: Lineage, caller: Caller, desk: Desk) -> tuple[Kin, ...]:
    """What a cycle grew from, what flowed into it, and what grew out of it; each once, as what it is first."""
    state = lineage.state
    links = (
        *((one, Kinship.PARENT) for one in state.parents),
        *((one.parent, Kinship.JOINED) for one in state.joined),
        *((one, Kinship.ADOPTED_FROM) for one in (state.adopted_from,) if one),
        *((one, Kinship.COPIED_FROM) for one in (state.copied_from,) if one),
        *((one, Kinship.CHILD) for one in lineage.children),
    )
    how = dict(reversed(links))
    named = list(dict.fromkeys(cycle for cycle, _ in links))[:MOST_RELATED]
    known = headings(named, caller, desk)
    return tuple(Kin(known[one], how[one]) for one in named if one in known)


def lives_of(spiral: InitiativeCycles, now: datetime, desk: Desk) -> dict[str, tuple[Stretch, ...]]:
    """Who had each cycle of an initiative, and for how long; by id."""
    cycles = [one.state.cycle_id for one in spiral.lineages]
    found = desk.written.lives(cycles)
    return {one: stretches(found.get(one, ()), now) for one in cycles}


def whole_spiral(initiative: str, caller: Caller, desk: Desk) -> SpiralWhole:
    """An initiative with all it is connected with, as far as the caller may read it, and what it all has brought.

    Raises:
        DomainError: `unknown_initiative`.
    """
    cycles = spiral_there(initiative, caller, desk)
    connected = desk.account.connected(initiative)
    shown = headings(connected.cycles, caller, desk)
    initiatives = {initiative, *(one.initiative_id for one in shown.values())}
    return SpiralWhole(
        cycles=cycles,
        headings=tuple(shown.values()),
        edges=tuple(one for one in connected.edges if {one.parent, one.child} <= shown.keys()),
        complete=connected.complete,
        account=desk.account.bookings_of(initiatives, caller.facts.policy.utc_offset_minutes),
    )
