"""版: each submission as it was handed in, told from a cycle's events; none of them ever changes.

A submission's content is what its event holds, or what the cycle held at that moment. Its hash stands in the event,
so anybody can recompute it with `content_hash`.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from engine.domain.base import Frozen
from engine.domain.cycle import events as e
from engine.domain.cycle.attachments import (
    Attachment,
    AttachmentAdded,
    AttachmentRemoved,
    Attachments,
    added,
    removed,
    standing,
)
from engine.domain.cycle.differences import FieldDifference, difference
from engine.domain.deliverables import Deliverable, Deliverables, Imagine, Realise, Share, Transform
from engine.domain.errors import conflict, not_found
from engine.domain.steps import Step


class Outcome(StrEnum):
    """What became of a submission."""

    IN_REVIEW = "in_review"
    APPROVED = "approved"
    APPROVED_WITH_CONDITIONS = "approved_with_conditions"
    RETURNED = "returned"
    REJECTED = "rejected"
    PULLED_BACK = "pulled_back"
    WITHDRAWN = "withdrawn"


class Version(Frozen):
    """One submission.

    Args:
        n: 1, 2, 3 … in the order they were handed in, over all steps of the cycle.
        hash: SHA-256 of the deliverable as JSON, lower-case hex.
        outcome_at: when it left review; None while it is in review.
        outcome_by: the person whose move that was.
        attachments: the files it was handed in with, and those that came while it was in review.
    """

    n: int
    step: Step
    round: int
    submitted_at: datetime
    by: str
    hash: str
    message: str | None = None
    outcome: Outcome = Outcome.IN_REVIEW
    outcome_at: datetime | None = None
    outcome_by: str | None = None
    deliverable: Imagine | Transform | Realise | Share
    attachments: tuple[Attachment, ...] = ()


def content_hash(deliverable: Deliverable) -> str:
    """The hash under which a deliverable is handed in."""
    return hashlib.sha256(deliverable.model_dump_json(by_alias=True).encode()).hexdigest()


def versions(events: Iterable[e.Event]) -> tuple[Version, ...]:
    """Every submission of a cycle, oldest first."""
    drafts = Deliverables()
    found: list[Version] = []
    files: Attachments = ()
    for event in events:
        match event.data:
            case e.CycleOpened(deliverables=inherited):
                drafts = inherited
            case e.DraftSaved(deliverable=deliverable):
                drafts = drafts.with_(deliverable)
            case e.StepSubmitted() as data:
                drafts = drafts.with_(data.deliverable) if data.deliverable else drafts
                found.append(
                    Version(
                        n=len(found) + 1,
                        step=data.step,
                        round=data.round,
                        submitted_at=event.at,
                        by=event.actor,
                        hash=data.content_hash,
                        message=data.message,
                        deliverable=drafts.of(data.step),
                        attachments=standing(files, data.step),
                    )
                )
            case AttachmentAdded() as data:
                in_review = bool(found) and found[-1].outcome is Outcome.IN_REVIEW
                files = added(files, data, event.actor, event.at, in_review=in_review)
                if in_review:
                    found[-1] = found[-1].model_copy(update={"attachments": (*found[-1].attachments, files[-1])})
            case AttachmentRemoved(n=n):
                files = removed(files, n, event.at)
            case e.DecisionRetracted():
                again = {"outcome": Outcome.IN_REVIEW, "outcome_at": None, "outcome_by": None}
                found[-1] = found[-1].model_copy(update=again)
            case data:
                outcome = _outcome(data)
                if outcome is not None and found and found[-1].outcome is Outcome.IN_REVIEW:
                    ending = {"outcome": outcome, "outcome_at": event.at, "outcome_by": event.actor}
                    found[-1] = found[-1].model_copy(update=ending)
    return tuple(found)


def version(found: tuple[Version, ...], n: int) -> Version:
    """The version with that number.

    Raises:
        DomainError: `unknown_version`.
    """
    if not 1 <= n <= len(found):
        raise not_found("unknown_version", n=str(n), last=str(len(found)))
    return found[n - 1]


def between(found: tuple[Version, ...], a: int, b: int) -> tuple[FieldDifference, ...]:
    """What changed from version `a` to version `b`, in whichever order they were handed in.

    Raises:
        DomainError: `unknown_version`; `versions_of_different_steps`.
    """
    before, after = version(found, a), version(found, b)
    if before.step is not after.step:
        raise conflict("versions_of_different_steps", a=before.step.value, b=after.step.value)
    return difference(before.deliverable, after.deliverable)


def _outcome(data: e.EventData) -> Outcome | None:
    """How an event ends a submission; most do not."""
    match data:
        case e.StepApproved():
            return Outcome.APPROVED_WITH_CONDITIONS if data.conditions else Outcome.APPROVED
        case e.StepReturned():
            return Outcome.RETURNED
        case e.CycleRejected():
            return Outcome.REJECTED
        case e.PulledBack():
            return Outcome.PULLED_BACK
        case e.CycleWithdrawn():
            return Outcome.WITHDRAWN
        case _:
            return None
