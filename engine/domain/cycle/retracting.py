"""Keeps what a decision changed until a person builds on it, and puts it back when the decision is retracted.

Whether it may be is `engine.domain.moves.deciding.retract`.
"""

from typing import assert_never

from engine.domain.cycle import attachments
from engine.domain.cycle import events as e
from engine.domain.cycle.beside import BesideEvent
from engine.domain.cycle.state import CycleState, RetractedDecision
from engine.domain.cycle.undo import DecisionRetracted, Followed, Undo
from engine.domain.review import consultation as a
from engine.domain.steps import CycleStatus, StepStatus

_Step = tuple[tuple[Undo, ...], Followed | None]


def kept(before: CycleState, event: e.Event) -> dict[str, object]:
    """The fields of the state that say what could be taken back, after `event`."""
    undo, followed = _kept(before, event)
    return {"undo": undo, "followed": followed}


def _kept(before: CycleState, event: e.Event) -> _Step:  # noqa: PLR0911 - one line for each kind
    data, undo, followed = event.data, before.undo, before.followed
    match data:
        case e.StageVoted() | e.ReviewHeld():
            return (*undo, _undo(before, event)), None
        case e.StageReturned() | e.StepReturned() | e.CycleRejected():
            whole = _undo(before, event).model_copy(update={"review": before.review})
            return (*undo, whole), None
        case e.StepApproved() if undo:
            whole = undo[-1].model_copy(update={"review": undo[-1].review_before(before.review)})
            return (*undo[:-1], whole), followed
        case e.EffectMeasured() if undo:
            return (*undo[:-1], undo[-1].model_copy(update={"effects": before.effects})), followed
        case DecisionRetracted():
            return undo[:-1], None
        case e.CycleCompleted() if data.next:
            return (), None  # what follows has begun, so there is no way back
        case _ if undo and builds_on(before, event):
            return (), Followed(what=data.type, by=event.actor, at=event.at)
        case _:
            return undo, followed


def builds_on(before: CycleState, event: e.Event) -> bool:
    """Whether an event after a decision takes it for granted, so that the decision stays.

    Reading, asking and commenting do not, nor does the passing of time; a file of the decider's own does not either.
    """
    match event.data:
        case (
            e.DraftSaved()
            | e.StepSubmitted()
            | e.PulledBack()
            | e.CycleWithdrawn()
            | e.ConditionClosed()
            | e.ParentJoined()
        ):
            return True
        case e.HoldEnded(early=early):
            return early
        case attachments.AttachmentAdded() | attachments.AttachmentRemoved():
            return not before.decisions or before.decisions[-1].by != event.actor
        case (
            e.StageVoted()
            | e.StepReturned()
            | e.StageReturned()
            | e.CycleRejected()
            | e.ReviewHeld()
            | e.StepApproved()
            | e.EffectMeasured()
            | e.CycleCompleted()
            | e.TargetsAmended()
            | e.StageOpened()
            | e.PostPassedOver()
            | DecisionRetracted()
        ):
            return False  # decisions and what belongs to them; each keeps its own undo
        case (
            e.CycleOpened()
            | e.Commented()
            | e.ReminderDue()
            | e.StageEscalated()
            | e.JoinRefused()
            | BesideEvent()
            | e.CommandRefused()
            | a.QuestionAsked()
            | a.QuestionAnswered()
            | a.Circulated()
            | a.CirculationRead()
            | a.PostReviewDue()
            | a.PostReviewed()
        ):
            return False
        case unknown:
            assert_never(unknown)


def put_back(state: CycleState, data: DecisionRetracted, event: e.Event) -> CycleState:
    """The state before the decision; what was said, read and reminded of since stays."""
    restored = data.restored
    gone = RetractedDecision(**dict(state.decisions[-1]), retracted_at=event.at, retracted_because=data.reason)
    return state.model_copy(
        update={
            "status": CycleStatus.ACTIVE,
            "hold": None,
            "step": data.step,
            "step_status": StepStatus.IN_REVIEW,
            "review": restored.review,
            "returned": None,
            "effects": restored.effects,
            "conditions": state.conditions[: restored.conditions],
            "amendments": state.amendments[: restored.amendments],
            "asides": state.asides.without_reviews_from(restored.post_reviews, event.at),
            "next_cycles": (),
            "decisions": state.decisions[:-1],
            "retracted": (*state.retracted, gone),
        }
    )


def _undo(before: CycleState, event: e.Event) -> Undo:
    review = before.review
    if review is None:
        raise ValueError("no review is under way")
    return Undo(
        seq=event.seq,
        votes=len(review.votes),
        open=review.open,
        passed=review.passed,
        conditions=len(before.conditions),
        amendments=len(before.amendments),
        post_reviews=len(before.asides.post_reviews),
    )
