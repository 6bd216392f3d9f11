"""Where a cycle came from: its edges in the spiral, each explained by one event."""

from enum import StrEnum

from engine.domain.base import Frozen
from engine.domain.cycle.state import CycleState
from engine.domain.steps import CycleKind

OPENING = 1
"""The seq of the event that opens a cycle."""


class EdgeKind(StrEnum):
    """How one cycle leads to another: 拡大 · 再挑戦 · 定着 · 合流 · 横展開."""

    EXPAND = "expand"
    RETRY = "retry"
    SUSTAIN = "sustain"
    JOIN = "join"
    ADOPT = "adopt"

    @property
    def is_parent(self) -> bool:
        """Whether the later cycle contains the earlier one; a sideways copy does not."""
        return self is not EdgeKind.ADOPT

    @property
    def same_scope(self) -> bool:
        """Whether the later cycle measures the very scope of the earlier one again."""
        return self in (EdgeKind.RETRY, EdgeKind.SUSTAIN)


class Edge(Frozen):
    """From an earlier cycle to a later one; event `seq` of the later one says so."""

    parent: str
    child: str
    kind: EdgeKind
    seq: int


def edges(state: CycleState) -> tuple[Edge, ...]:
    """Every edge that leads into a cycle, in the order of their events."""
    found: list[Edge] = []
    if state.adopted_from:
        found.append(Edge(parent=state.adopted_from, child=state.cycle_id, kind=EdgeKind.ADOPT, seq=OPENING))
    joined = {one.parent for one in state.joined}
    opening = _OPENED_AS.get(state.kind, EdgeKind.EXPAND)
    found += [
        Edge(parent=parent, child=state.cycle_id, kind=opening, seq=OPENING)
        for parent in state.parents
        if parent not in joined
    ]
    found += [Edge(parent=one.parent, child=state.cycle_id, kind=EdgeKind.JOIN, seq=one.seq) for one in state.joined]
    return tuple(found)


_OPENED_AS = {
    CycleKind.EXPAND: EdgeKind.EXPAND,
    CycleKind.RETRY: EdgeKind.RETRY,
    CycleKind.SUSTAIN: EdgeKind.SUSTAIN,
}
