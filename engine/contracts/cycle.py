"""The cycle workflow's messages. Payloads ignore unknown fields and only ever gain optional ones.

Must not know a table, a route or a worker.
"""

from datetime import datetime, timedelta

from engine.domain.base import Frozen
from engine.domain.cycle.commands import Command
from engine.domain.cycle.events import Event, Opening
from engine.domain.moves.command_log import Snapshot

CYCLE_WORKFLOW = "cycle"
COMMAND = "command"
"""Name of the Update and of the Signal that carry a `Command`."""
OPENED = "opened"
"""Update that answers when the cycle's first event is in the journal."""
CATCH_UP = "catch_up"
"""Signal: the journal may be ahead of this engine; read it."""
MOVE = "move"
"""Signal with a task queue: continue there as new, where it is safe. Only a sealed one is heard."""
STATE = "state"
"""Query: the `CycleState` as the engine has it."""

MARK_WORKFLOW = "mark"
"""A run that does nothing but hold in its memo how far this engine and the journal once agreed."""
MARKED = "position"

JOURNAL_APPEND = "journal.append"
DIRECTORY_PREPARE = "directory.prepare"

TASK_TIMEOUT = timedelta(seconds=10)
"""How long a worker may be silent in the middle of a task before another one takes it over. Replaying a long history
on a busy machine must fit in, else it is thrown away and begun anew, for ever."""

DEFINITION = 1
"""Version of the cycle's definition; every cycle keeps the one it began with."""


def workflow_id(cycle_id: str) -> str:
    """The id under which a cycle runs; never a run id, which dies on continue-as-new."""
    return f"cycle/{cycle_id}"


def cycle_id_of(workflow: str) -> str:
    """The cycle that runs under a workflow id."""
    return workflow.removeprefix("cycle/")


class CycleInput(Frozen):
    """Starts a cycle from its opening event, or goes on from a snapshot; exactly one of the two is given.

    Args:
        opening: the event that opens it.
        actor: who opened it; `system` for a cycle that follows another.
        by_token_of: who made the token it came with, when that was somebody else.
        command_id: the caller's key, so that a repeated start is noticed.
        snapshot: the state a run before this one ended with, or the one the journal holds.
        definition: see `DEFINITION`.
        sealed: whether whoever started it seals what it sends, so that nothing plain is taken.
    """

    opening: Opening | None = None
    actor: str = "system"
    command_id: str | None = None
    fingerprint: str | None = None
    snapshot: Snapshot | None = None
    definition: int = DEFINITION
    sealed: bool = False
    by_token_of: str | None = None


class AppendAsk(Frozen):
    """Write `events`, which follow on revision `after`; none asks only whether the journal has more."""

    cycle_id: str
    after: int
    events: tuple[Event, ...] = ()


class AppendAnswer(Frozen):
    """`ahead` is empty when the events are in the journal now; else what the journal holds instead, after `after`.

    Args:
        ahead: in order; as much as one payload holds.
        more: whether the journal holds still more after these.
    """

    ahead: tuple[Event, ...] = ()
    more: bool = False


class PrepareAsk(Frozen):
    """Look up for a command that came as a signal what the door looks up for an Update."""

    cycle_id: str
    command: Command
    at: datetime


class PrepareAnswer(Frozen):
    """The command with grants, route and plan filled in."""

    command: Command
