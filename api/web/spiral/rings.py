"""From what the store says of connected spirals to the rings that are drawn."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from api.web.spiral.model import Parent, Ring
from engine.contracts.lists import CycleHeading
from engine.domain.lineage.edges import Edge


def rings_of(headings: Iterable[CycleHeading], edges: Sequence[Edge], first: str, now: datetime) -> tuple[Ring, ...]:
    """The cycles as rings, those of initiative `first` before the others, each spiral in the order of its turns."""
    into: dict[str, list[Parent]] = {}
    for edge in edges:
        into.setdefault(edge.child, []).append(Parent(cycle_id=edge.parent, link=edge.kind))
    ordered = sorted(
        headings, key=lambda one: (one.initiative_id != first, one.initiative_id, one.turn, one.created_at)
    )
    return tuple(_ring(one, into.get(one.cycle_id, ()), now) for one in ordered)


def _ring(one: CycleHeading, parents: Sequence[Parent], now: datetime) -> Ring:
    due = one.due_at
    return Ring(
        cycle_id=one.cycle_id,
        initiative_id=one.initiative_id,
        title=one.title,
        kind=one.kind,
        org_scope=one.org_scope,
        work_scope=one.work_scope,
        status=one.status,
        step=one.step,
        step_status=one.step_status,
        waits_for=one.waits_for,
        overdue=due is not None and due < now,
        effect=one.hours_saved_per_year,
        parents=tuple(parents),
    )
