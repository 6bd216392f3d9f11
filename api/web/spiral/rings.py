"""From what the store says of connected spirals to the rings that are drawn."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from api.web.spiral.model import Parent, Ring
from engine.domain.cycle.state import CycleState
from engine.domain.lineage.edges import Edge


def rings_of(states: Iterable[CycleState], edges: Sequence[Edge], first: str, now: datetime) -> tuple[Ring, ...]:
    """The cycles as rings, those of initiative `first` before the others, each spiral in the order of its turns."""
    into: dict[str, list[Parent]] = {}
    for edge in edges:
        into.setdefault(edge.child, []).append(Parent(cycle_id=edge.parent, link=edge.kind))
    ordered = sorted(
        states, key=lambda one: (one.initiative_id != first, one.initiative_id, one.turn, one.created_at)
    )
    return tuple(_ring(state, into.get(state.cycle_id, ()), now) for state in ordered)


def _place(state: CycleState, first: str) -> tuple[bool, str, int, datetime]:
    return state.initiative_id != first, state.initiative_id, state.turn, state.created_at


def _ring(state: CycleState, parents: Sequence[Parent], now: datetime) -> Ring:
    due = state.due_at
    return Ring(
        cycle_id=state.cycle_id,
        initiative_id=state.initiative_id,
        title=state.title,
        kind=state.kind,
        org_scope=state.org_scope,
        work_scope=state.work_scope,
        status=state.status,
        step=state.step,
        step_status=state.step_status,
        waits_for=state.waits_for,
        overdue=due is not None and due < now,
        effect=state.effects.hours_saved_per_year,
        parents=tuple(parents),
    )
