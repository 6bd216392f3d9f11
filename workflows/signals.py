"""Commands that other systems send as signals: read, completed and taken one after the other, in order of arrival.

A signal has no asker to refuse, so whatever is wrong with it is written down. Its look-up runs beside the cycle's
loop: people's commands never wait for it. Part of the cycle's workflow code.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.directory import DirectoryActivities
from engine.contracts import cycle as wire
from engine.domain.cycle.commands import Command
from engine.domain.cycle.events import CommandRefused
from engine.domain.errors import NOT_DECIDED, NOT_LOOKED_UP, DomainError, Refusal
from engine.domain.lineage.join import turned_away
from engine.domain.moves.command_log import CommandLog
from workflows.following import start_cycle
from workflows.journal_writer import refusal_in
from workflows.reading import read_command

LOOK_UP = RetryPolicy(
    initial_interval=timedelta(milliseconds=500),
    maximum_interval=timedelta(minutes=1),
    maximum_attempts=12,
    non_retryable_error_types=[
        "ValueError",
        "TypeError",
        "OverflowError",
        "KeyError",
        "DataError",
        "ValidationError",
    ],
)
"""About six minutes, as long as a database is away for a restart; then the command is refused on record."""
SLOW = timedelta(seconds=30)
BESIDE = "signals-beside-the-loop"


class SignalReader:
    """The signals of one cycle."""

    def __init__(self, desk: CommandLog, *, sealed: bool) -> None:
        self._desk = desk
        self._sealed = sealed
        self._waiting: list[RawValue] = []
        self._reading: asyncio.Task[None] | None = None

    def receive(self, raw: RawValue) -> None:
        """One more, whatever it is; it waits its turn."""
        self._waiting.append(raw)

    @property
    def is_reading(self) -> bool:
        """Whether one is being completed, beside the loop."""
        return self._reading is not None and not self._reading.done()

    @property
    def is_waiting(self) -> bool:
        """Whether there is something for `read` to do."""
        return bool(self._waiting or self._reading) and not self.is_reading

    async def read(self, write_down: Callable[[], Awaitable[None]]) -> None:
        """Has those that wait read: beside the caller; in a run that began before that was so, here and now."""
        if self._reading is not None:
            self._reading.result()  # what it could not handle is no secret of the task
            self._reading = None
        if self._waiting and workflow.patched(BESIDE):
            self._reading = asyncio.create_task(self._read_all(self._written))
        else:
            await self._read_all(write_down)

    async def _read_all(self, written: Callable[[], Awaitable[None]]) -> None:
        while self._waiting:
            taken = await self._take(self._waiting.pop(0))
            await written()
            if taken is not None and (instead := turned_away(self._desk.state, taken)) is not None:
                await start_cycle(instead)

    async def _written(self) -> None:
        """Until the loop has written down what is decided so far, since the next look-up reads the journal."""
        upto = self._desk.state.revision
        await workflow.wait_condition(lambda: self._desk.journaled_revision >= min(upto, self._desk.state.revision))

    async def _take(self, raw: RawValue) -> Command | None:
        """One command; gives it back, completed, when it was taken."""
        try:
            command = read_command(raw, sealed=self._sealed)
        except DomainError as error:
            self._note("?", error.refusal)
            return None
        try:
            prepared = await self._prepare(command)
            self._desk.take(prepared.model_copy(update={"seen_revision": 0}), workflow.now())
        except DomainError as error:
            self._refuse(command, error.refusal)
            return None
        except Exception as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.exception("a signal could not be decided")
            self._refuse(command, NOT_DECIDED)
            return None
        return prepared

    async def _prepare(self, command: Command) -> Command:
        ask = wire.PrepareAsk(cycle_id=self._desk.state.cycle_id, command=command, at=workflow.now())
        try:
            answer: wire.PrepareAnswer = await workflow.execute_activity_method(
                DirectoryActivities.prepare, ask, start_to_close_timeout=SLOW, retry_policy=LOOK_UP
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            raise DomainError.of(refusal_in(error) or NOT_LOOKED_UP) from error
        return answer.command

    def _refuse(self, command: Command, refusal: Refusal) -> None:
        try:
            self._desk.refuse(command, refusal, workflow.now())
        except (ValueError, TypeError, ArithmeticError):  # its own parts are what cannot be handled
            self._note(command.body.type, refusal)

    def _note(self, command: str, refusal: Refusal) -> None:
        self._desk.note(CommandRefused(command=command, refusal=refusal), workflow.now())
