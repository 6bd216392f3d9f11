"""The state of one cycle: what its events amount to. Frozen; `evolve` makes the next one."""

from datetime import datetime

from engine.domain.base import Frozen
from engine.domain.cycle.attachments import Attachment
from engine.domain.cycle.events import Condition, Inheritance, PlannedNext, TargetChange
from engine.domain.cycle.undo import Followed, Undo
from engine.domain.cycle.visibility import Visibility
from engine.domain.deliverables import Deliverables
from engine.domain.effects.measured import Effects
from engine.domain.organisation.organisation import ActedAs, PostRef
from engine.domain.review.consultation import Asides
from engine.domain.review.review import Action, Returned, Review, StageKind, Terms
from engine.domain.roadmap import Governance, Pillar
from engine.domain.scope import OrgScope, Scope, WorkScope
from engine.domain.steps import CycleKind, CycleStatus, Step, StepStatus


class Decision(Frozen):
    """One decision that was taken, as the record shows it."""

    round: int
    step: Step
    action: Action
    by: str
    on_behalf_of: str | None = None
    post: PostRef
    reason: str | None = None
    at: datetime
    acted_as: ActedAs | None = None
    kind: StageKind | None = None


class RetractedDecision(Decision):
    """A decision that was taken back: when, and why."""

    retracted_at: datetime
    retracted_because: str


class Hold(Frozen):
    """Why nothing moves for now: a held review (保留), or a cycle that sleeps until its review date."""

    since: datetime
    until: datetime
    by: str | None = None
    reason: str | None = None


class Spent(Frozen):
    """How long one step has been with its owner and with its approvers, in seconds."""

    step: Step
    owner_seconds: float = 0.0
    approver_seconds: float = 0.0


class Clock(Frozen):
    """Who has waited how long, in seconds; the running stretch began at `since`.

    `spent` says the same step by step, without holds; a step that nobody had yet is not listed.
    """

    since: datetime
    owner_seconds: float = 0.0
    approver_seconds: float = 0.0
    held_seconds: float = 0.0
    spent: tuple[Spent, ...] = ()

    def turned(self, had_it: str, step: Step, at: datetime) -> "Clock":
        """The clock after `had_it` (`owner`, `approver`, `none`) had `step` from `since` until `at`."""
        stretch = (at - self.since).total_seconds()
        bucket = {"owner": "owner_seconds", "approver": "approver_seconds", "none": "held_seconds"}[had_it]
        update: dict[str, object] = {"since": at, bucket: getattr(self, bucket) + stretch}
        if bucket != "held_seconds":
            known = next((one for one in self.spent if one.step is step), Spent(step=step))
            more = known.model_copy(update={bucket: getattr(known, bucket) + stretch})
            update["spent"] = (*(one for one in self.spent if one.step is not step), more)
        return self.model_copy(update=update)


class Joined(Frozen):
    """A cycle that flowed into this one after its opening, with what it brought; `seq` is the event that says so."""

    parent: str
    initiative_id: str
    title: str
    inheritance: Inheritance
    seq: int
    at: datetime


class TurnedAway(Frozen):
    """A cycle that came too late to flow into this one, and the cycle that opened for it instead."""

    parent: str
    title: str
    why: str
    instead: str
    at: datetime


class Amendment(Frozen):
    """Locked targets that were changed; `results_known` says whether results were there already."""

    round: int
    changes: tuple[TargetChange, ...]
    results_known: bool
    at: datetime


class CycleState(Frozen):
    """A cycle as its events tell it; `revision` is the seq of the last event.

    `decisions` are those that stand, the last ones with what `undo` needs until somebody has `followed` them.
    """

    cycle_id: str
    initiative_id: str
    turn: int
    kind: CycleKind
    title: str
    pillar: Pillar | None
    startup: str | None
    governance: Governance
    org_scope: OrgScope
    org_unit: str
    work_scope: WorkScope
    owner: str
    parents: tuple[str, ...]
    adopted_from: str | None = None
    copied_from: str | None = None
    definition: int = 1
    """Which edition of the cycle's rules it began with, and keeps."""
    visibility: Visibility = Visibility.OFFICE
    readers: tuple[str, ...] = ()
    """Whom the owner has named."""
    status: CycleStatus
    step: Step
    step_status: StepStatus
    round: int = 0
    revision: int
    deliverables: Deliverables
    review: Review | None = None
    returned: Returned | None = None
    terms: Terms | None = None
    hold: Hold | None = None
    decisions: tuple[Decision, ...] = ()
    retracted: tuple[RetractedDecision, ...] = ()
    undo: tuple[Undo, ...] = ()
    followed: Followed | None = None
    conditions: tuple[Condition, ...] = ()
    effects: Effects = Effects()
    inheritance: Inheritance | None = None
    next_cycles: tuple[PlannedNext, ...] = ()
    joined: tuple[Joined, ...] = ()
    turned_away: tuple[TurnedAway, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    comments: int = 0
    asides: Asides = Asides()
    attachments: tuple[Attachment, ...] = ()
    clock: Clock
    created_at: datetime
    updated_at: datetime

    @property
    def scope(self) -> Scope:
        """The rungs it stands on."""
        return Scope(org=self.org_scope, work=self.work_scope)

    @property
    def due_at(self) -> datetime | None:
        """When the review is due: the earliest of its open stages; None while the owner has it."""
        if self.review is None or self.waits_for != "approver":
            return None
        return min((stage.due_at for stage in self.review.open), default=None)

    @property
    def waits_for(self) -> str:
        """`owner`, `approver` or `none`."""
        if not self.status.is_open:
            return "none"
        if self.status is CycleStatus.ON_HOLD:
            return "none"
        return "approver" if self.step_status is StepStatus.IN_REVIEW else "owner"

    @property
    def advisers(self) -> tuple[str, ...]:
        """The owners of the cycles this one grew from or contains; they may comment, and are told."""
        given = (self.inheritance, *(one.inheritance for one in self.joined))
        return tuple(dict.fromkeys(one.adviser for one in given if one is not None and one.adviser != self.owner))

    def changed_targets(self) -> tuple[TargetChange, ...]:
        """Where the targets in Imagine now differ from the locked ones; nothing is locked before its approval."""
        locked = {one.code: (one.target, one.unit) for one in self.effects.metrics}
        if not locked:
            return ()
        now = {one.code: (one.target, one.unit or "") for one in self.deliverables.imagine.metrics if one.code}
        return tuple(
            TargetChange(metric=code, unit=(locked.get(code) or now[code])[1], before=before, after=after)
            for code in dict.fromkeys((*locked, *now))
            if (before := locked[code][0] if code in locked else None)
            != (after := now[code][0] if code in now else None)
        )

    def open_posts(self) -> tuple[PostRef, ...]:
        """The posts that may decide now; while a review is held, those who may resume it."""
        return self.review.open_posts() if self.review is not None and self.status.is_open else ()

    def concurring_posts(self) -> tuple[PostRef, ...]:
        """The posts that concurred with some step, or are asked to now: who is told when it is dropped."""
        spoken = [one.post for one in self.decisions if one.kind is StageKind.CONCURRENCE]
        route = self.review.route if self.review else None
        asked = [
            post
            for waiting in (self.review.open if self.review else ())
            if route is not None and (stage := route.stage(waiting.key)).kind is StageKind.CONCURRENCE
            for post in stage.posts
        ]
        return tuple(dict.fromkeys((*spoken, *asked)))

    def open_conditions(self, *, blocking: bool | None = None) -> tuple[Condition, ...]:
        """Conditions not closed yet, all of them or only those that (do not) block."""
        return tuple(
            condition
            for condition in self.conditions
            if condition.closed_at is None and blocking in (None, condition.blocking)
        )
