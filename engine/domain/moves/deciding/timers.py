"""What the passing of time brings. Time reminds and escalates; it never decides and never ends a cycle."""

import hashlib
from datetime import datetime, timedelta

from engine.domain.cycle import events as e
from engine.domain.cycle.recorder import Record, Transition
from engine.domain.cycle.state import CycleState
from engine.domain.review.due_times import reminder_after
from engine.domain.review.review import OpenStage, Review

SPREAD = timedelta(minutes=5)
"""Measured on two busy cores (`bench.due`): while 2,000 reviews rang at one instant, nobody was answered within a
minute; with a thousand spread like this, a person waited a second at most."""


def elapse(state: CycleState, at: datetime) -> Transition:
    """What falls due at `at`: holds end, reminders are due, stages escalate. No event when nothing does."""
    if not state.status.is_open:
        return Transition((), state)
    record = Record(state, at)
    if state.hold is not None:
        if at >= state.hold.until:
            record.add(e.HoldEnded(early=False))
    elif state.review is not None:
        for waiting in state.review.open:
            _elapse_stage(record, state.review, waiting)
    return record.transition


def _elapse_stage(record: Record, review: Review, waiting: OpenStage) -> None:
    stage = review.route.stage(waiting.key)
    at = record.at
    if waiting.escalate_at is not None and at >= waiting.escalate_at and stage.escalate_to is not None:
        record.add(e.StageEscalated(round=review.round, stage=stage.key, to=stage.escalate_to))
    last_at, last_to = waiting.escalate_last_at, stage.escalate_last_to
    if last_at is not None and at >= last_at and last_to is not None:
        record.add(e.StageEscalated(round=review.round, stage=stage.key, to=last_to, last=True))
    if waiting.remind_at is not None and at >= waiting.remind_at:
        following = reminder_after(stage, at, review.route)
        if waiting.reminders_sent == 0 and at < waiting.due_at:
            following = min(following, waiting.due_at)
        record.add(e.ReminderDue(round=review.round, stage=stage.key, next_at=following))


def spread(state: CycleState, wake: datetime) -> timedelta:
    """How much later than `wake` a cycle looks, so that a whole city's deadlines do not ring at one instant.

    The same for each cycle every time: at most `SPREAD`, and at most a twelfth of the time that the stage had. The
    end of a hold is not put off.
    """
    opened = [stage.opened_at for stage in (state.review.open if state.review else ())]
    if state.hold is not None or not opened:
        return timedelta(0)
    most = min(SPREAD, max((wake - min(opened)) / 12, timedelta(0)))
    return most * (int.from_bytes(hashlib.sha256(state.cycle_id.encode()).digest()[:4], "big") / 2**32)


def next_wake(state: CycleState) -> datetime | None:
    """When `elapse` should be asked again; None when only a person can move the cycle."""
    if not state.status.is_open:
        return None
    if state.hold is not None:
        return state.hold.until
    times = [
        at
        for stage in (state.review.open if state.review else ())
        for at in (stage.remind_at, stage.escalate_at, stage.escalate_last_at)
        if at
    ]
    return min(times, default=None)
