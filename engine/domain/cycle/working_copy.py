"""下書き: the working copy of a step, kept beside the journal until it is handed in. It is no fact, so no event.

Who may write one, when it stands for what the cycle holds, and the mark by which two who write at once see it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Self, get_args

from engine.domain.base import Frozen
from engine.domain.cycle.beside import BesideEvent
from engine.domain.cycle.events import EventData
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables import Deliverable, Imagine, Realise, Share, Transform, step_of
from engine.domain.errors import Category, DomainError, FieldError, conflict, forbidden
from engine.domain.steps import CycleStatus, Step, StepStatus

NOT_TAKEN = FieldError(pointer="", code="working_copy_not_taken")
"""Goes with every working copy that is handed in. Who knows working copies looks past it; a worker of an earlier
release, which would hand in what was there before, refuses because of it."""


BESIDE_THE_TEXT = frozenset({
    "attachment_added", "attachment_removed", "circulated", "circulation_read", "command_refused", "commented",
    "condition_closed", "join_refused", "parent_joined", "post_passed_over", "post_review_due", "post_reviewed",
    "question_answered", "question_asked", "reminder_due", "stage_escalated",
    *(one.model_fields["type"].default for one in get_args(get_args(EventData)[0]) if issubclass(one, BesideEvent)),
})  # fmt: skip
"""Types of events that leave what the step says, and whose it is to write, as they were."""


class WorkingCopy(Frozen):
    """What the owner has written of a step since it was opened, handed in or inherited.

    Args:
        revision: its own: 1, 2, 3 … with every save, also after it was discarded.
        at_revision: of the cycle, when it was saved.
        by_token_of: who made the token that it was saved with, when that was somebody else.
        deliverable: the last text that could be read as the step's form; None while none could.
        typed: what stands in the page's controls, by their names, when it cannot be read as the form.
        faults: why not; empty when there is nothing wrong.
    """

    cycle_id: str
    step: Step
    revision: int
    at_revision: int
    saved_at: datetime
    saved_by: str
    by_token_of: str | None = None
    deliverable: Imagine | Transform | Realise | Share | None = None
    typed: dict[str, tuple[str, ...]] | None = None
    faults: tuple[FieldError, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether all that was typed is in the deliverable."""
        return not self.faults

    @property
    def taken(self) -> "TakenCopy | None":
        """The part that is handed in."""
        if self.deliverable is None:
            return None
        return TakenCopy(revision=self.revision, deliverable=self.deliverable, by_token_of=self.by_token_of)


class TakenCopy(Frozen):
    """A working copy on its way into a submission; the revision says which one is gone afterwards."""

    revision: int
    deliverable: Imagine | Transform | Realise | Share
    by_token_of: str | None = None


class CopyMark(Frozen):
    """What somebody has seen: the cycle's revision and the working copy's, 0 when there was none.

    Written `12`, and `12.3` while a working copy is kept: the ETag of HTTP and the hidden field of the form.
    """

    cycle: int
    draft: int = 0

    def __str__(self) -> str:
        return f"{self.cycle}.{self.draft}" if self.draft else str(self.cycle)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The mark in a text; None when it is none."""
        cycle, dot, draft = text.partition(".")
        parts = (cycle, draft) if dot else (cycle,)
        if not all(one.isascii() and one.isdecimal() and len(one) <= 9 for one in parts):
            return None
        return cls(cycle=int(cycle), draft=int(draft) if dot else 0)

    @classmethod
    def of(cls, state: CycleState, copy: WorkingCopy | None) -> Self:
        """What there is to see now."""
        return cls(cycle=state.revision, draft=copy.revision if copy else 0)

    def after(self, happened: Iterable[str], state: CycleState) -> "CopyMark":
        """The same text as seen today, when nothing but these types of events came since and none touched it."""
        return self.model_copy(update={"cycle": state.revision}) if BESIDE_THE_TEXT.issuperset(happened) else self

    def refuse_unless(self, seen: "CopyMark | None") -> None:
        """Refuses when somebody was faster; without having looked nobody is refused.

        Raises:
            DomainError: `revision_differs`.
        """
        if seen is not None and seen != self:
            raise DomainError("revision_differs", Category.STALE, params={"revision": str(self)})


def refuse_others(state: CycleState, actor: str) -> None:
    """Only the owner writes.

    Raises:
        DomainError: `owner_only`.
    """
    if actor != state.owner:
        raise forbidden("owner_only", owner=state.owner)


def refuse_unless_writing(state: CycleState) -> None:
    """The step is the owner's: draft or returned, and the cycle goes on and is not on hold.

    Raises:
        DomainError: `cycle_closed`, `on_hold` or `in_review`.
    """
    if not state.status.is_open:
        raise conflict("cycle_closed", status=state.status.value)
    if state.status is CycleStatus.ON_HOLD:
        raise conflict("on_hold", until=state.hold.until.isoformat() if state.hold else "")
    if state.step_status is StepStatus.IN_REVIEW:
        raise conflict("in_review", step=state.step.value)


def refuse_other_step(state: CycleState, deliverable: Deliverable) -> None:
    """Only the current step is written.

    Raises:
        DomainError: `another_step`.
    """
    if step_of(deliverable) is not state.step:
        raise conflict("another_step", step=state.step.value)


def stands(copy: WorkingCopy | None, state: CycleState) -> bool:
    """Whether the working copy is what the step says now; while it is in review, what was handed in is."""
    return copy is not None and copy.step is state.step and state.step_status is not StepStatus.IN_REVIEW


def is_left_over(copy: WorkingCopy, state: CycleState) -> bool:
    """Whether no form shows it any more, nor ever will: its step was decided while it was kept."""
    return copy.step is not state.step or is_settled(state)


def is_settled(state: CycleState) -> bool:
    """Whether what was handed in last stands for good; a draft that was withdrawn was not handed in."""
    return not state.status.is_open and state.step_status is StepStatus.IN_REVIEW


def over(state: CycleState, copy: WorkingCopy | None) -> CycleState:
    """The cycle with the working copy in its step's place; what was handed in or inherited shows without one."""
    if copy is None or copy.deliverable is None or not stands(copy, state):
        return state
    return state.model_copy(update={"deliverables": state.deliverables.with_(copy.deliverable)})


def handing_in(state: CycleState, taken: TakenCopy | None) -> CycleState:
    """The cycle as it would be handed in.

    Raises:
        DomainError: `another_step`.
    """
    if taken is None:
        return state
    refuse_other_step(state, taken.deliverable)
    return state.model_copy(update={"deliverables": state.deliverables.with_(taken.deliverable)})
