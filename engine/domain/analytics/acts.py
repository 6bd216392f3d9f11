"""Each act that moved a cycle, as a row made of one event and the state before it. Times are UTC, spans seconds."""

from datetime import datetime
from typing import NamedTuple

from engine.domain.cycle import events as e
from engine.domain.cycle.state import CycleState
from engine.domain.organisation.organisation import PostRef
from engine.domain.review.review import Action

DECIDED = (*(action.value for action in Action), "pass")
"""The kinds of acts that a decision makes."""


class Act(NamedTuple):
    """One act that moved a cycle.

    Args:
        kind: `submit`, a decision's action, `pass` (the step is approved), `retract`, `pull_back`, `withdraw` or
            `escalate`.
        post: the post that decided, or that was escalated to; None for the owner's acts.
        why: `post`, `proxy` (代決) or `escalation` (引上げ); None for the owner's acts.
        waited_seconds: how long it had waited for this act, holds left out; None when nothing waited.
        first: whether the step passed in its first decided round; None unless `pass`.
        retracted_at: when the decision, or the passing that came with it, was taken back; it counts no more then.
    """

    cycle_id: str
    seq: int
    at: datetime
    kind: str
    step: str
    round: int
    post: str | None
    person: str
    on_behalf_of: str | None
    why: str | None
    waited_seconds: float | None
    reason: str | None
    first: bool | None
    retracted_at: datetime | None = None


class Retracting(NamedTuple):
    """That the acts of a decision no longer count from `at` on: those from event `first` on."""

    first: int
    at: datetime

    def takes(self, act: Act) -> bool:
        """Whether this act is one of them."""
        return act.kind in DECIDED and act.seq >= self.first and act.retracted_at is None


def acts_of(state: CycleState, event: e.Event) -> tuple[Act, ...]:  # noqa: PLR0911 - one line for each kind
    """What one event did to a cycle in `state`: at most one act."""
    data = event.data
    match data:
        case e.StepSubmitted():
            waited = _waited(state, event.at, None)
            return (_act(state, event, "submit", round=data.round, waited=waited, reason=data.message),)
        case e.StageVoted():
            return (_decision(state, event, data.action.value, data.vote.post, data.reason),)
        case e.StepReturned():
            return (_decision(state, event, Action.RETURN.value, data.post, data.reason),)
        case e.CycleRejected():
            return (_decision(state, event, Action.REJECT.value, data.post, data.reason),)
        case e.ReviewHeld():
            return (_decision(state, event, Action.HOLD.value, data.post, data.reason),)
        case e.StepApproved():
            earlier = any(one.step is data.step and one.round != data.round for one in state.decisions)
            return (_act(state, event, "pass", round=data.round, first=not earlier),)
        case e.DecisionRetracted():
            return (_act(state, event, "retract", round=data.round, post=data.post, reason=data.reason),)
        case e.PulledBack():
            return (_act(state, event, "pull_back", round=data.round),)
        case e.CycleWithdrawn():
            return (_act(state, event, "withdraw", round=state.round, reason=data.reason),)
        case e.StageEscalated():
            return (_act(state, event, "escalate", round=data.round, post=data.to, why="escalation"),)
        case _:
            return ()


def _decision(state: CycleState, event: e.Event, kind: str, post: PostRef, reason: str | None) -> Act:
    stage = state.review.stage_of(post) if state.review else None
    why = "proxy" if event.on_behalf_of else "post"
    if stage is not None and post not in stage.posts:
        why = "escalation"
    waited = _waited(state, event.at, stage.key if stage else None)
    return _act(state, event, kind, round=state.round, post=post, why=why, waited=waited, reason=reason)


def _waited(state: CycleState, at: datetime, stage: str | None) -> float | None:
    """Seconds since whoever acts now had it, at the earliest since the stage opened."""
    if state.waits_for == "none":
        return None
    opened = [one.opened_at for one in state.review.open if one.key == stage] if state.review else []
    return (at - max((state.clock.since, *opened))).total_seconds()


def _act(  # noqa: PLR0913 - one row's columns, each named
    state: CycleState,
    event: e.Event,
    kind: str,
    *,
    round: int,  # noqa: A002 - the column's name
    post: PostRef | None = None,
    why: str | None = None,
    waited: float | None = None,
    reason: str | None = None,
    first: bool | None = None,
) -> Act:
    return Act(
        cycle_id=state.cycle_id,
        seq=event.seq,
        at=event.at,
        kind=kind,
        step=state.step.value,
        round=round,
        post=str(post) if post else None,
        person=event.actor,
        on_behalf_of=event.on_behalf_of,
        why=why,
        waited_seconds=waited,
        reason=reason,
        first=first,
    )
