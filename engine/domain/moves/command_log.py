"""The desk of one cycle: which commands are decided, which of their events are in the journal, which ids were seen.

It holds what a durable shell around the core must remember between two messages. It does no I/O; the shell hands it
the time and the journal's answers. A command passes three marks: *taken* (decided, events in the outbox), *settled*
(events in the journal), *seen* (its id answers again without doing anything).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pydantic import Field

from engine.domain.base import Frozen
from engine.domain.cycle.commands import Command, Receipt
from engine.domain.cycle.events import CommandRefused, CycleOpened, Event
from engine.domain.cycle.evolve import evolve, fold
from engine.domain.cycle.incoming import envelope_faults, refuse_unwritable
from engine.domain.cycle.recorder import Record, Transition
from engine.domain.cycle.state import CycleState
from engine.domain.errors import DomainError, Refusal, conflict, unprocessable
from engine.domain.moves.deciding.timers import elapse, next_wake
from engine.domain.moves.dispatch import decide

REMEMBERED = 500
"""Command ids kept for repeats; older ones are caught by the front's own key table."""


LATER = timedelta(minutes=10)
"""How long what time brought waits when it could not be recorded."""


class Seen(Frozen):
    """What became of a command id: its content's hash, the revision after it, and whether it was refused."""

    fingerprint: str | None
    revision: int
    refused: bool = False


class Snapshot(Frozen):
    """A desk at a quiet moment: everything taken is in the journal."""

    state: CycleState
    seen: dict[str, Seen] = Field(default_factory=dict)


class _Pending(Frozen):
    """Decided but not in the journal yet, with the state after it; `command` is None for what time brought."""

    command: Command | None
    events: tuple[Event, ...]
    state: CycleState
    refused: Refusal | None = None


class CommandLog:
    """One cycle's commands on their way into the journal."""

    def __init__(self, state: CycleState, journaled: CycleState | None, seen: dict[str, Seen]) -> None:
        self.state = state
        self._journaled = journaled
        self._seen = dict(seen)
        self._pending: tuple[_Pending, ...] = ()
        self._failed: dict[str, Refusal] = {}
        self._not_before: datetime | None = None
        self.failed_to_open: Refusal | None = None

    @classmethod
    def opening(  # noqa: PLR0913 - the envelope of an event, each part named
        cls,
        opened: CycleOpened,
        at: datetime,
        *,
        actor: str,
        command_id: str | None = None,
        fingerprint: str | None = None,
        by_token_of: str | None = None,
    ) -> "CommandLog":
        """A new cycle; its first event waits in the outbox."""
        event = Event(
            seq=1, at=at, actor=actor, by_token_of=by_token_of, command_id=command_id, fingerprint=fingerprint,
            data=opened,
        )  # fmt: skip
        desk = cls(evolve(None, event), None, {})
        desk._remember((event,))
        desk._pending = (_Pending(command=None, events=(event,), state=desk.state),)
        return desk

    @classmethod
    def resumed(cls, snapshot: Snapshot) -> "CommandLog":
        """A cycle that goes on from a snapshot."""
        return cls(snapshot.state, snapshot.state, snapshot.seen)

    def snapshot(self) -> Snapshot:
        """Everything to go on from; only at a quiet moment."""
        if self._pending:
            raise ValueError("not quiet: events wait for the journal")
        return Snapshot(state=self.state, seen=self._seen)

    @property
    def journaled_revision(self) -> int:
        """The last seq that is known to be in the journal; 0 before the first."""
        return self._journaled.revision if self._journaled else 0

    @property
    def outbox(self) -> tuple[Event, ...]:
        """The events that wait for the journal, in order."""
        return tuple(event for pending in self._pending for event in pending.events)

    @property
    def oldest(self) -> tuple[Event, ...]:
        """The events of the outbox that were decided first and together."""
        return self._pending[0].events if self._pending else ()

    @property
    def next_wake(self) -> datetime | None:
        """When time will bring something."""
        wake = next_wake(self.state)
        return max(wake, self._not_before) if wake and self._not_before else wake

    def check(self, command: Command, at: datetime) -> None:
        """Raises what `take` would raise, and for what could never be written; changes nothing.

        Asked once, when a command comes in: a history that is replayed keeps what was taken before.
        """
        if not self._repeats(command):
            refuse_unwritable(command)
            self._current(command)
            self._decide(command, at)

    def take(self, command: Command, at: datetime) -> None:
        """Decides a command and puts its events in the outbox; a repeated id does nothing.

        Raises:
            DomainError: refused; nothing has changed.
        """
        if self._repeats(command):
            return
        self._current(command)
        self._add(command, self._decide(command, at))

    def refuse(self, command: Command, refusal: Refusal, at: datetime) -> None:
        """Records that a command from outside cannot be done, so that it is not lost without a trace."""
        if command.id in self._seen:
            return
        if envelope_faults(command):  # its id and sender cannot be written, so it is noted without them
            self.note(CommandRefused(command=command.body.type, refusal=refusal), at)
            return
        record = Record(self.state, at, command)
        record.add(CommandRefused(command=command.body.type, refusal=refusal))
        self._add(command, record.transition, refused=refusal)

    def note(self, refused: CommandRefused, at: datetime) -> None:
        """Records a message that could not even be read as a command."""
        record = Record(self.state, at)
        record.add(refused)
        self._add(None, record.transition)

    def elapse(self, at: datetime) -> None:
        """Takes what falls due at `at`."""
        if self._not_before is not None and at < self._not_before:
            return
        brought = elapse(self.state, at)
        if brought.events:
            self._add(None, brought)

    def settled(self, events: Sequence[Event]) -> None:
        """The journal holds `events` now, which are the first of the outbox: all of `oldest`, or of more."""
        last = events[-1].seq
        self._journaled = next(one.state for one in self._pending if one.state.revision == last)
        self._pending = tuple(one for one in self._pending if one.state.revision > last)

    def rebase(self, ahead: Sequence[Event], at: datetime) -> None:
        """The journal holds `ahead` after the last settled event: takes that as the truth, decides the rest again.

        A pending command whose id is among the adopted events is settled with them. One that no longer fits is
        refused to its caller.
        """
        waiting, self._pending = self._pending, ()
        self.state = fold(tuple(ahead), self._journaled)
        self._journaled = self.state
        for one in waiting:
            self._forget(one)
        self._remember(ahead)
        for one in waiting:
            self._again(one, at)
        self.elapse(at)

    def unrecordable(self, refusal: Refusal, at: datetime) -> None:
        """The journal can never hold the oldest of what waits: drops it and decides the rest again without it.

        Its caller is refused, and that is recorded in its place; what time brought is tried again later. Where even
        the refusal cannot be recorded, it is recorded without naming the command, and else not at all. A cycle whose
        opening cannot be recorded has never begun; see `failed_to_open`.
        """
        dropped, *rest = self._pending
        if self._journaled is None:
            self.failed_to_open, self._pending = refusal, ()
            self._failed |= {one.command.id: refusal for one in rest if one.command is not None}
            return
        self._pending, self.state = (), self._journaled
        for one in (dropped, *rest):
            self._forget(one)
        command = dropped.command
        if command is None:
            if not isinstance(dropped.events[0].data, CommandRefused):
                self._not_before = at + LATER
        elif dropped.refused is None:
            self.refuse(command, refusal, at)
            self._failed[command.id] = refusal
        else:
            self.note(CommandRefused(command=command.body.type, refusal=refusal), at)
        for one in rest:
            self._again(one, at)
        self.elapse(at)

    def is_settled(self, command_id: str) -> bool:
        """Whether the command's events are in the journal, or it was refused after all."""
        if command_id in self._failed:
            return True
        seen = self._seen.get(command_id)
        return seen is not None and seen.revision <= self.journaled_revision

    def answer(self, command_id: str) -> Receipt:
        """The receipt of a taken command.

        Raises:
            DomainError: it no longer fitted what the journal held.
        """
        if (refusal := self._failed.get(command_id)) is not None:
            raise DomainError.of(refusal)
        revision = self._seen[command_id].revision
        return Receipt(cycle_id=self.state.cycle_id, command_id=command_id, revision=revision)

    def _again(self, one: _Pending, at: datetime) -> None:
        if one.command is None:  # the opening is adopted with the journal; time is asked anew afterwards
            for event in one.events:
                if isinstance(event.data, CommandRefused):
                    self.note(event.data, at)
            return
        if one.refused is not None:
            self.refuse(one.command, one.refused, at)
            return
        try:
            if not self._repeats(one.command):
                self._add(one.command, self._decide(one.command, at))
        except DomainError as error:
            self._failed[one.command.id] = error.refusal

    def _decide(self, command: Command, at: datetime) -> Transition:
        """What the command does; what leads to a state that cannot be applied or timed fails here, not later."""
        done = decide(self.state, command, at)
        next_wake(done.state)
        return done

    def _forget(self, one: _Pending) -> None:
        for event in one.events:
            if event.command_id is not None:
                self._seen.pop(event.command_id, None)

    def _repeats(self, command: Command) -> bool:
        seen = self._seen.get(command.id)
        if seen is None or seen.refused:
            return False
        if seen.fingerprint != command.fingerprint:
            raise unprocessable("idempotency_key_reused", key=command.id)
        return True

    def _current(self, command: Command) -> None:
        if command.seen_revision > self.state.revision:
            raise conflict("engine_behind", revision=str(self.state.revision))

    def _add(self, command: Command | None, done: Transition, refused: Refusal | None = None) -> None:
        self.state = done.state
        self._remember(done.events)
        if command is not None and not done.events:  # nothing to do is an answer too
            self._seen[command.id] = Seen(fingerprint=command.fingerprint, revision=self.state.revision)
            return
        pending = _Pending(command=command, events=done.events, state=done.state, refused=refused)
        self._pending = (*self._pending, pending)

    def _remember(self, events: Sequence[Event]) -> None:
        for name, seen in remembered(events).items():
            self._failed.pop(name, None)
            self._seen.pop(name, None)
            self._seen[name] = seen
        for oldest in list(self._seen)[: max(0, len(self._seen) - REMEMBERED)]:
            del self._seen[oldest]


def remembered(events: Iterable[Event]) -> dict[str, Seen]:
    """What became of each command of these events, the latest last."""
    found: dict[str, Seen] = {}
    for event in events:
        if event.command_id is not None:
            found.pop(event.command_id, None)
            refused = isinstance(event.data, CommandRefused)
            found[event.command_id] = Seen(fingerprint=event.fingerprint, revision=event.seq, refused=refused)
    return found
