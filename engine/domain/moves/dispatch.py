"""`decide(state, command, at) -> (events, state)`: what a command does, or a `DomainError` and nothing at all."""

from datetime import datetime

from engine.domain.cycle import commands as c
from engine.domain.cycle.recorder import Record, Transition
from engine.domain.cycle.state import CycleState
from engine.domain.errors import Category, DomainError, conflict
from engine.domain.moves.catalogue import TAKEN_AFTER_THE_END, handler_of


def decide(state: CycleState, command: c.Command, at: datetime) -> Transition:
    """The events of `command`, numbered after the state's revision, and the state after them.

    Each event is applied once, here; whoever goes on takes the state that is given.

    Raises:
        DomainError: refused; nothing has changed.
    """
    if command.if_revision is not None and command.if_revision != state.revision:
        raise DomainError("revision_differs", Category.STALE, params={"revision": str(state.revision)})
    if not state.status.is_open and command.body.type not in TAKEN_AFTER_THE_END:
        raise conflict("cycle_closed", status=state.status.value)
    record = Record(state, at, command)
    handler_of(command.body).rule(record, command.body)
    return record.transition
