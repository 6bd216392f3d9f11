"""`decide(state, command, at) -> (events, state)`: what a command does, or a `DomainError` and nothing at all."""

from datetime import datetime

from engine.domain.cycle import commands as c
from engine.domain.cycle.recorder import Attempt, Record, Transition
from engine.domain.cycle.state import CycleState
from engine.domain.errors import Category, DomainError, Refusal, conflict
from engine.domain.moves.catalogue import TAKEN_AFTER_THE_END, handler_of


def decide(state: CycleState, command: c.Command, at: datetime) -> Transition:
    """The events of `command`, numbered after the state's revision, and the state after them.

    Each event is applied once, here; whoever goes on takes the state that is given.

    Raises:
        DomainError: refused; nothing has changed.
    """
    if command.if_revision is not None and command.if_revision != state.revision:
        raise DomainError("revision_differs", Category.STALE, params={"revision": str(state.revision)})
    record = Record(state, at, command)
    decided(record, command.body)
    return record.transition


def refusal_of(state: CycleState, actor: str, body: c.Body, at: datetime) -> Refusal | None:
    """What `decide` would answer to a command of this person; None when it would do something.

    The same rule, and only as far as the first thing that happens: from there on none refuses.
    """
    try:
        decided(Attempt(state, at, actor), body)
    except DomainError as error:
        return error.refusal
    except Attempt.HappensError:
        return None
    return None


def decided(record: Record, body: c.Body) -> None:
    """Does in `record` what a command does.

    Raises:
        DomainError: refused; nothing stands in the record.
    """
    status = record.state.status
    if not status.is_open and body.type not in TAKEN_AFTER_THE_END:
        raise conflict("cycle_closed", status=status.value)
    handler_of(body).rule(record, body)
