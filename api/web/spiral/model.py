"""What is drawn: cycles as rings with parents, and the drawing as shapes with words. Must not know HTML or SQL."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from api.web.spiral.geometry import Point
from engine.domain.lineage.edges import EdgeKind
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind, CycleStatus, Step, StepStatus


class Value(BaseModel):
    """Frozen."""

    model_config = ConfigDict(frozen=True)


class Parent(Value):
    """One ring that another grew out of."""

    cycle_id: str
    link: EdgeKind


class Ring(Value):
    """One cycle as it is drawn; `effect` is in hours a year, None while unmeasured."""

    cycle_id: str
    initiative_id: str
    title: str
    kind: CycleKind
    org_scope: OrgScope
    work_scope: WorkScope
    status: CycleStatus
    step: Step
    step_status: StepStatus
    waits_for: str
    overdue: bool = False
    effect: float | None = None
    parents: tuple[Parent, ...] = ()


class QuarterState(StrEnum):
    """What a quarter shows; each has a colour and a pattern of its own."""

    DONE = "done"
    OWNER = "owner"
    APPROVER = "approver"
    OVERDUE = "overdue"
    HELD = "held"
    AHEAD = "ahead"
    ENDED = "ended"


class EffectState(StrEnum):
    """What the effect's bead shows, by shape and colour."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    UNMEASURED = "unmeasured"


class Quarter(Value):
    """A step of a ring; a text of at most `length` stands upright along `reading`."""

    step: Step
    state: QuarterState
    path: str
    reading: str
    length: float


class Bead(Value):
    """The effect of a ring, beside its Realise."""

    at: Point
    state: EffectState
    hours: float | None


class DrawnRing(Value):
    """One turn of a spiral, in the spiral's own coordinates."""

    ring: Ring
    number: int
    quarters: tuple[Quarter, ...]
    bead: Bead


class DrawnSpiral(Value):
    """A line of rings, each following on the one before; its centre in the drawing's coordinates.

    `trail` winds along the rings as far as the work has come.
    """

    rings: tuple[DrawnRing, ...]
    centre: Point
    radius: float
    trail: str
    title: str
    initiative_id: str


class Connector(Value):
    """A way from one spiral to another, in the drawing's coordinates."""

    link: EdgeKind
    source: str
    target: str
    path: str


class Drawing(Value):
    """Everything, in a box from (0, 0) to (width, height)."""

    width: float
    height: float
    spirals: tuple[DrawnSpiral, ...]
    connectors: tuple[Connector, ...]
