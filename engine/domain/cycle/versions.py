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
from engine.domain.cycle.attachments import Attachment, AttachmentAdded, standing
from engine.domain.cycle.differences import FieldDifference, difference
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.walk import Passage, walk
from engine.domain.deliverables import Deliverable, Imagine, Realise, Share, Transform
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


class VersionChange(Frozen):
    """What an event changes of the newest submission."""

    outcome: Outcome = Outcome.IN_REVIEW
    outcome_at: datetime | None = None
    outcome_by: str | None = None
    attachments: tuple[Attachment, ...]


def versions(events: Iterable[e.Event]) -> tuple[Version, ...]:
    """Every submission of a cycle, oldest first, from all its events."""
    return versions_on(walk(None, events))


def versions_on(passages: Iterable[Passage]) -> tuple[Version, ...]:
    """Every submission on the whole way of a cycle, oldest first."""
    found: list[Version] = []
    for passage in passages:
        match change_on(passage):
            case Version() as one:
                found.append(one)
            case VersionChange() as change if found:
                found[-1] = found[-1].model_copy(update=dict(change))
            case _:
                pass
    return tuple(found)


def change_on(passage: Passage) -> Version | VersionChange | None:
    """A new submission, or what an event changes of the newest one; None when it does neither.

    Rounds are counted over all steps, so a submission has the number of its round.
    """
    before, event, after = passage
    match event.data:
        case e.StepSubmitted() as data:
            return Version(
                n=data.round,
                step=data.step,
                round=data.round,
                submitted_at=event.at,
                by=event.actor,
                hash=data.content_hash,
                message=data.message,
                deliverable=after.deliverables.of(data.step),
                attachments=standing(after.attachments, data.step),
            )
        case e.DecisionRetracted() | AttachmentAdded() if is_in_review(after):
            return VersionChange(attachments=standing(after.attachments, after.step))
        case data if before is not None and is_in_review(before) and (outcome := _outcome(data)) is not None:
            files = standing(before.attachments, before.step)  # none is taken back during a review
            return VersionChange(outcome=outcome, outcome_at=event.at, outcome_by=event.actor, attachments=files)
        case _:
            return None


def is_in_review(state: CycleState) -> bool:
    """Whether the newest submission has no outcome yet; a held review has none."""
    return state.review is not None and state.status.is_open


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
