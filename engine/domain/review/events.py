"""What happens to a review: stages open, posts speak, it is returned, held, rejected, reminded of, escalated.

Part of `engine.domain.cycle.events`, which says what holds for every event.
"""

from datetime import datetime
from typing import Literal

from engine.domain.base import Frozen
from engine.domain.organisation.organisation import ActedAs, PostRef
from engine.domain.review.review import Action, OpenStage, StageKind, Vote
from engine.domain.steps import Step


class StageOpened(Frozen):
    type: Literal["stage_opened"] = "stage_opened"
    version: Literal[1] = 1
    round: int
    stage: OpenStage


class StageVoted(Frozen):
    """One approval; `closes` says whether the stage's outcome is certain with it."""

    type: Literal["stage_voted"] = "stage_voted"
    version: Literal[1] = 1
    round: int
    step: Step
    vote: Vote
    closes: bool
    action: Action = Action.APPROVE
    reason: str | None = None
    kind: StageKind | None = None


class StepReturned(Frozen):
    type: Literal["step_returned"] = "step_returned"
    version: Literal[1] = 1
    step: Step
    to_step: Step
    round: int
    post: PostRef
    reason: str
    stage: str | None = None
    acted_as: ActedAs | None = None


class StageReturned(Frozen):
    """差戻し to an earlier approver of the same round: what was said there and later is asked again."""

    type: Literal["stage_returned"] = "stage_returned"
    version: Literal[1] = 1
    step: Step
    round: int
    post: PostRef
    reason: str
    stage: str
    to_stage: str
    to_post: PostRef | None = None
    acted_as: ActedAs | None = None


class PostPassedOver(Frozen):
    """A post of the line was passed over, since everybody who holds it is away; they read afterwards (後閲)."""

    type: Literal["post_passed_over"] = "post_passed_over"
    version: Literal[1] = 1
    round: int
    stage: str
    post: PostRef
    people: tuple[str, ...]


class CycleRejected(Frozen):
    """却下; `tell` names the sections that concurred or were asked to."""

    type: Literal["cycle_rejected"] = "cycle_rejected"
    version: Literal[1] = 1
    step: Step
    round: int
    post: PostRef
    reason: str
    tell: tuple[PostRef, ...] = ()
    acted_as: ActedAs | None = None


class ReviewHeld(Frozen):
    type: Literal["review_held"] = "review_held"
    version: Literal[1] = 1
    step: Step
    round: int
    post: PostRef
    until: datetime
    reason: str | None = None
    acted_as: ActedAs | None = None


class HoldEnded(Frozen):
    """The clock runs again; `early` when a person resumed before the date."""

    type: Literal["hold_ended"] = "hold_ended"
    version: Literal[1] = 1
    early: bool


class PulledBack(Frozen):
    type: Literal["pulled_back"] = "pulled_back"
    version: Literal[1] = 1
    step: Step
    round: int


class ReminderDue(Frozen):
    type: Literal["reminder_due"] = "reminder_due"
    version: Literal[1] = 1
    round: int
    stage: str
    next_at: datetime


class StageEscalated(Frozen):
    """Overdue: the superior may act now; `last` when it went on to the DX team, who chase it and decide nothing."""

    type: Literal["stage_escalated"] = "stage_escalated"
    version: Literal[1] = 1
    round: int
    stage: str
    to: PostRef
    last: bool = False
