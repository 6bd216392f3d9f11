"""The spiral as nodes and edges, for whoever draws it. Must not know HTTP or SQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from engine.contracts.lists import CycleHeading, InitiativeCycles
from engine.domain.analytics.results import Sustained, sustained_since
from engine.domain.effects.account import Booking, added_up
from engine.domain.lineage.edges import Edge, EdgeKind
from engine.domain.roadmap import Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind, CycleStatus, Step, StepStatus


class NodeView(BaseModel):
    """One cycle. Hours and yen are for the whole of its scope; increments are what it adds to what it contains."""

    model_config = ConfigDict(frozen=True)

    id: str
    initiative_id: str
    title: str
    turn: int
    kind: CycleKind
    org_scope: OrgScope
    org_unit: str
    work_scope: WorkScope
    pillar: Pillar | None
    startup: str | None
    owner: str
    status: CycleStatus
    step: Step
    step_status: StepStatus
    sleeps_until: datetime | None = Field(description="of a sustain cycle before its review date, or a held one")
    hours_saved_per_year: float | None = Field(description="時間/年; null until measured, may be negative")
    yen_per_year: float | None = Field(description="円/年")
    hours_saved_per_year_increment: float | None
    yen_per_year_increment: float | None
    worse: bool
    realised_at: datetime | None
    sustained: Sustained | None
    created_at: datetime


class EdgeView(BaseModel):
    """From an earlier cycle to a later one; event `seq` in the journal of `child` explains it."""

    model_config = ConfigDict(frozen=True)

    parent: str
    child: str
    kind: EdgeKind
    seq: int


class LineageView(BaseModel):
    """The spiral and all others it is connected with; `complete` is false when more are connected than are shown.

    The totals are of the initiative that was asked for.
    """

    model_config = ConfigDict(frozen=True)

    initiative_id: str
    initiatives: list[str]
    hours_saved_per_year: float | None
    yen_per_year: float | None
    nodes: list[NodeView]
    edges: list[EdgeView]
    complete: bool


def lineage_view(
    spiral: InitiativeCycles,
    headings: Sequence[CycleHeading],
    edges: Sequence[Edge],
    account: Mapping[str, Booking],
    *,
    complete: bool,
) -> LineageView:
    """Nodes in the order in which they began, edges in the order of their events.

    Cycles of the spiral that the reader may not see are counted in its totals and drawn nowhere.
    """
    initiative_id = spiral.lineages[0].state.initiative_id
    own = [account[one.cycle_id] for one in headings if one.initiative_id == initiative_id]
    own += [account[one] for one in spiral.hidden if one in account]
    return LineageView(
        initiative_id=initiative_id,
        initiatives=sorted({one.initiative_id for one in headings}, key=lambda name: (name != initiative_id, name)),
        hours_saved_per_year=added_up(one.hours for one in own),
        yen_per_year=added_up(one.yen for one in own),
        nodes=[_node(one, account[one.cycle_id]) for one in headings],
        edges=[_edge(one) for one in edges],
        complete=complete,
    )


def _node(one: CycleHeading, booking: Booking) -> NodeView:
    return NodeView(
        id=one.cycle_id,
        initiative_id=one.initiative_id,
        title=one.title,
        turn=one.turn,
        kind=one.kind,
        org_scope=one.org_scope,
        org_unit=one.org_unit,
        work_scope=one.work_scope,
        pillar=one.pillar,
        startup=one.startup,
        owner=one.owner,
        status=one.status,
        step=one.step,
        step_status=one.step_status,
        sleeps_until=one.sleeps_until,
        hours_saved_per_year=booking.entry.hours_saved_per_year,
        yen_per_year=booking.entry.yen_per_year,
        hours_saved_per_year_increment=booking.hours,
        yen_per_year_increment=booking.yen,
        worse=booking.entry.worse,
        realised_at=booking.entry.realised_at,
        sustained=sustained_since(one.kind, one.hours_before, one.hours_saved_per_year),
        created_at=one.created_at,
    )


def _edge(edge: Edge) -> EdgeView:
    return EdgeView(parent=edge.parent, child=edge.child, kind=edge.kind, seq=edge.seq)
