"""What happened: past tense, each with its own version; only `engine.domain.cycle.evolve` turns them into state.

A released event never changes its meaning: it gains optional fields, or a new version takes its place and the old one
is lifted to it when it is read (`engine.domain.upcasters`).
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from engine.domain.base import Frozen
from engine.domain.cycle.attachments import AttachmentAdded, AttachmentRemoved
from engine.domain.cycle.beside import StartupAssigned
from engine.domain.cycle.undo import DecisionRetracted
from engine.domain.cycle.visibility import Visibility, VisibilitySet
from engine.domain.deliverables import Deliverables, Imagine, Realise, Share, Transform
from engine.domain.deliverables.imagine import AsIs
from engine.domain.deliverables.share import NextKind
from engine.domain.effects.measured import Effects
from engine.domain.errors import Refusal
from engine.domain.organisation.organisation import PostRef
from engine.domain.review.consultation import (
    Circulated,
    CirculationRead,
    PostReviewDue,
    PostReviewed,
    QuestionAnswered,
    QuestionAsked,
)
from engine.domain.review.events import (
    CycleRejected,
    HoldEnded,
    PostPassedOver,
    PulledBack,
    ReminderDue,
    ReviewHeld,
    StageEscalated,
    StageOpened,
    StageReturned,
    StageVoted,
    StepReturned,
)
from engine.domain.review.review import Route, Vote
from engine.domain.roadmap import Governance, Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind, Step
from engine.domain.upcasters import lifted

__all__ = [
    "CycleRejected",
    "DecisionRetracted",
    "HoldEnded",
    "PostPassedOver",
    "PulledBack",
    "ReminderDue",
    "ReviewHeld",
    "StageEscalated",
    "StageOpened",
    "StageReturned",
    "StageVoted",
    "StepReturned",
]
"""Written down in `review_events` and `cycle.undo`, spoken of as if they stood here."""


class Condition(Frozen):
    """条件付承認の条件: due within three months, closed with evidence."""

    n: int
    text: str
    owner: str
    due: date
    step: Step
    blocking: bool = False
    closed_at: datetime | None = None
    evidence: str | None = None


class Inheritance(Frozen):
    """What a cycle took over (docs/field/ladders.md): links with provenance; approvals are never inherited."""

    from_cycles: tuple[str, ...]
    adviser: str
    rebaseline_required: bool
    reference_baselines: dict[str, float] = Field(default_factory=dict)
    metric_units: dict[str, str] = Field(default_factory=dict)
    reference_minutes_per_case: float | None = None
    reference_cases_per_year: float | None = None
    reference_hours_saved_per_year: float | None = None
    reference_yen_per_year: float | None = None
    kept_baselines: dict[str, float] = Field(default_factory=dict)
    kept_as_is: AsIs | None = None
    lessons_failed: str | None = None
    hard_parts: str | None = None
    core_elements: tuple[str, ...] = ()
    adaptable_elements: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()


class PlannedNext(Frozen):
    """One cycle that follows an approved Share; `cycle_id` is made from the parent's.

    With `join` the Share flows into that open cycle; `cycle_id` opens only if that one has moved on.
    """

    cycle_id: str
    kind: CycleKind
    org_scope: OrgScope
    org_unit: str
    work_scope: WorkScope
    owner: str
    reason: str = ""
    review_on: date | None = None
    sleeps_until: datetime | None = None
    skips_a_rung: bool = False
    join: str | None = None


class CycleOpened(Frozen):
    type: Literal["cycle_opened"] = "cycle_opened"
    version: Literal[1] = 1
    cycle_id: str
    initiative_id: str
    turn: int = Field(ge=1)
    kind: CycleKind
    title: str
    org_scope: OrgScope
    org_unit: str
    work_scope: WorkScope
    pillar: Pillar | None = None
    startup: str | None = None
    governance: Governance = Governance.SECTION_LED
    owner: str
    parents: tuple[str, ...] = ()
    adopted_from: str | None = None
    copied_from: str | None = None
    deliverables: Deliverables = Deliverables()
    inheritance: Inheritance | None = None
    conditions: tuple[Condition, ...] = ()
    sleeps_until: datetime | None = None
    instead_of_joining: str | None = None
    definition: int = 1
    visibility: Visibility = Visibility.OFFICE
    readers: tuple[str, ...] = ()


class DraftSaved(Frozen):
    type: Literal["draft_saved"] = "draft_saved"
    version: Literal[1] = 1
    deliverable: Imagine | Transform | Realise | Share
    step: Step


class StepSubmitted(Frozen):
    """Handed in: with what was written since the cycle last held the step's form, if anything was.

    `draft` is the revision of the working copy that this was and that is gone now; `draft_by_token_of` made the token
    that it was last written with, when that was somebody else than its owner.
    """

    type: Literal["step_submitted"] = "step_submitted"
    version: Literal[1] = 1
    step: Step
    round: int
    content_hash: str
    message: str | None = None
    route: Route
    gist: str = ""
    kept: tuple[Vote, ...] = ()
    deliverable: Imagine | Transform | Realise | Share | None = None
    draft: int | None = None
    draft_by_token_of: str | None = None


class StepApproved(Frozen):
    type: Literal["step_approved"] = "step_approved"
    version: Literal[1] = 1
    step: Step
    round: int
    conditions: tuple[Condition, ...] = ()


class EffectMeasured(Frozen):
    type: Literal["effect_measured"] = "effect_measured"
    version: Literal[1] = 1
    effects: Effects


class CycleWithdrawn(Frozen):
    """取下げ; `tell` names the sections that concurred or were asked to."""

    type: Literal["cycle_withdrawn"] = "cycle_withdrawn"
    version: Literal[1] = 1
    reason: str
    tell: tuple[PostRef, ...] = ()


class Commented(Frozen):
    type: Literal["commented"] = "commented"
    version: Literal[1] = 1
    text: str
    mentions: tuple[str, ...] = ()


class ConditionClosed(Frozen):
    type: Literal["condition_closed"] = "condition_closed"
    version: Literal[1] = 1
    n: int
    evidence: str


class CycleCompleted(Frozen):
    """Share is approved; the named cycles follow, or the spiral closes."""

    type: Literal["cycle_completed"] = "cycle_completed"
    version: Literal[1] = 1
    next: tuple[PlannedNext, ...] = ()
    closing: tuple[NextKind, ...] = ()


class ParentJoined(Frozen):
    """Another cycle flows into this one, which contains it from now on; `conditions` block this one's Imagine."""

    type: Literal["parent_joined"] = "parent_joined"
    version: Literal[1] = 1
    parent: str
    initiative_id: str
    title: str
    inheritance: Inheritance
    conditions: tuple[Condition, ...] = ()


class JoinRefused(Frozen):
    """A cycle that wanted to flow into this one cannot any more; `instead` is the cycle that opens for it."""

    type: Literal["join_refused"] = "join_refused"
    version: Literal[1] = 1
    parent: str
    title: str
    why: str
    instead: str


class TargetChange(Frozen):
    """One locked target that was changed, in the metric's unit; None where the metric came or went."""

    metric: str
    unit: str
    before: float | None
    after: float | None


class TargetsAmended(Frozen):
    """Targets locked at the first approval of Imagine were changed and approved anew."""

    type: Literal["targets_amended"] = "targets_amended"
    version: Literal[1] = 1
    round: int
    changes: tuple[TargetChange, ...]
    results_known: bool


class CommandRefused(Frozen):
    """A command that came as a signal and cannot be done: recorded, never lost."""

    type: Literal["command_refused"] = "command_refused"
    version: Literal[1] = 1
    command: str
    refusal: Refusal


EventData = Annotated[
    CycleOpened
    | DraftSaved
    | StepSubmitted
    | StageOpened
    | StageVoted
    | StepApproved
    | EffectMeasured
    | StepReturned
    | StageReturned
    | PostPassedOver
    | CycleRejected
    | ReviewHeld
    | HoldEnded
    | PulledBack
    | DecisionRetracted
    | CycleWithdrawn
    | Commented
    | ConditionClosed
    | ReminderDue
    | StageEscalated
    | CycleCompleted
    | ParentJoined
    | JoinRefused
    | TargetsAmended
    | StartupAssigned
    | VisibilitySet
    | QuestionAsked
    | QuestionAnswered
    | Circulated
    | CirculationRead
    | PostReviewDue
    | PostReviewed
    | CommandRefused
    | AttachmentAdded
    | AttachmentRemoved,
    Field(discriminator="type"),
    BeforeValidator(lifted),
]
Opening = Annotated[CycleOpened, BeforeValidator(lifted)]
"""A cycle's first event by itself, as whoever starts a cycle hands it over."""


class Event(Frozen):
    """One fact of a cycle.

    Args:
        seq: 1, 2, 3 … without a gap inside the cycle; the state's revision after it.
        at: aware UTC.
        actor: person id, or `system` for timers.
        on_behalf_of: the absent holder whose proxy acted (代決).
        by_token_of: who made the token that the actor's program came with, when that was somebody else.
        command_id: the command it came from, if any.
        fingerprint: hash of that command's content, so that a key used twice for different things is noticed.
        data: what happened.
    """

    seq: int
    at: datetime
    actor: str
    on_behalf_of: str | None = None
    by_token_of: str | None = None
    command_id: str | None = None
    fingerprint: str | None = None
    data: EventData


SYSTEM = "system"
