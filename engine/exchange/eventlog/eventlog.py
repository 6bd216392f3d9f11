"""The journal as process mining sees it: activities named by step and action, with who did them in which role.

Both event logs, XES and OCEL, are made from these entries. Must not know how either is spelled.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from engine.domain.cycle import events as e
from engine.domain.cycle.events import SYSTEM, Event
from engine.domain.organisation.organisation import PostRef
from engine.domain.review.review import Action
from engine.domain.steps import Step
from engine.exchange.eventlog.pseudonyms import Pseudonyms

LIFECYCLE = {
    "hold": "suspend",
    "resume": "resume",
    "retract": "resume",
    "withdraw": "withdraw",
    "reject": "pi_abort",
    "draft": "start",
    "open": "start",
}
"""Transitions of the lifecycle extension (XES, standard model); all else is `complete`."""


class EventLogEntry(BaseModel):
    """One event of the log.

    Args:
        id: `CYCLE/SEQ`.
        activity: step and action, such as `imagine submit`; without a step, the action.
        action: the action alone.
        step: the step it belongs to, if any.
        at: when.
        resource: the person, or `system`.
        role: the post they acted for, `owner`, or `system`.
        on_behalf_of: the absent holder (代決).
        lifecycle: see `LIFECYCLE`.
        round: the round of the review, if any.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    activity: str
    action: str
    step: Step | None
    at: datetime
    resource: str
    role: str
    on_behalf_of: str | None
    lifecycle: str
    round: int | None


def entries(
    cycle_id: str, owner: str, events: Sequence[Event], pseudonyms: Pseudonyms | None
) -> Iterator[EventLogEntry]:
    """The entries of one cycle, in order; what only repeats another event is left out."""
    step: Step | None = Step.IMAGINE
    for event in events:
        data = event.data
        step = getattr(data, "step", None) or step
        action = action_of(data)
        if action is None:
            continue
        about = None if isinstance(data, e.CycleOpened | e.CycleCompleted | e.CycleWithdrawn) else step
        behalf = event.on_behalf_of
        yield EventLogEntry(
            id=f"{cycle_id}/{event.seq}",
            activity=f"{about.value} {action}" if about else action,
            action=action,
            step=about,
            at=event.at,
            resource=pseudonyms.of(event.actor) if pseudonyms else event.actor,
            role=_role(event, owner),
            on_behalf_of=pseudonyms.of(behalf) if pseudonyms and behalf else behalf,
            lifecycle=LIFECYCLE.get(action, "complete"),
            round=getattr(data, "round", None),
        )


def action_of(data: e.EventData) -> str | None:
    """What an event is called after its step; None for those that only say what another one says."""
    match data:
        case e.StageOpened() | e.EffectMeasured() | e.StepApproved() | e.CommandRefused():
            return None
        case e.StageVoted():
            return data.action.value
        case e.StepReturned():
            return Action.RETURN.value
        case e.CycleRejected():
            return Action.REJECT.value
        case e.ReviewHeld():
            return Action.HOLD.value
        case _:
            return _NAMES.get(data.type, data.type.replace("_", " "))


_NAMES = {
    "cycle_opened": "open",
    "draft_saved": "draft",
    "step_submitted": "submit",
    "hold_ended": "resume",
    "pulled_back": "pull back",
    "decision_retracted": "retract",
    "cycle_withdrawn": "withdraw",
    "commented": "comment",
    "condition_closed": "close condition",
    "reminder_due": "remind",
    "stage_escalated": "escalate",
    "cycle_completed": "complete",
}


def _role(event: Event, owner: str) -> str:
    if event.actor == SYSTEM:
        return SYSTEM
    data = event.data
    vote = getattr(data, "vote", None)
    post = vote.post if vote is not None else getattr(data, "post", None)
    if isinstance(post, PostRef):
        return str(post)
    return "owner" if event.actor == owner else "colleague"
