"""One cycle, kept alive: a thin durable shell around `engine.domain.moves.command_log`.

It receives commands, lets the desk decide, hands the outbox to the journal, wakes when time brings something, and
starts the cycles that follow. What any of it means is decided in `engine.domain`; nothing here knows a table.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, is_cancelled_exception

from engine.contracts import cycle as wire
from engine.domain.cycle.commands import Command, Receipt
from engine.domain.cycle.state import CycleState
from engine.domain.errors import NOT_DECIDED, DomainError, Refusal
from engine.domain.moves.command_log import CommandLog
from engine.domain.moves.deciding.timers import spread
from workflows.following import start_next
from workflows.journal_writer import JournalWriter
from workflows.reading import NOTHING, read_command, read_queue, readable
from workflows.signals import SignalReader

Answer = TypeVar("Answer")
LONG = 400
"""Events in a run's history from which on it continues as a new one, long before the server suggests it: a worker
that comes back replays whole histories, at about 0.7 ms an event."""
EARLY = "continue-as-new-early"


@workflow.defn(name=wire.CYCLE_WORKFLOW)
class CycleWorkflow:
    """A cycle from its opening to its end."""

    @workflow.init
    def __init__(self, given: wire.CycleInput) -> None:
        self._given = readable(given)
        self._desk = _desk(self._given, workflow.now())
        self._writer = JournalWriter(self._desk)
        self._signals = SignalReader(self._desk, sealed=given.sealed)
        self._move_to: str | None = None
        self._is_long = False
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at: datetime | None = None

    @workflow.run
    async def run(self, _given: wire.CycleInput) -> None:
        """Lives until the cycle ends. A cancel from outside is let pass: a cycle ends by withdrawing or deciding."""
        while True:
            try:
                return await self._live()
            except BaseException as error:
                if not is_cancelled_exception(error):
                    raise
                workflow.logger.warning("a cycle is not cancelled; its owner withdraws it")

    async def _live(self) -> None:
        """Until the cycle has ended for good; a decision that ended it may be taken back before this run is over."""
        while True:
            await self._turn()
            await self._start_next()
            workflow.set_current_details(_details(self._desk.state))
            while self._has_work() or not self._is_quiet():
                await self._settle()
                await workflow.wait_condition(lambda: self._has_work() or self._is_quiet())
            if not self._desk.state.status.is_open:
                return

    async def _turn(self) -> None:
        """Everything that needs awaiting, one thing after the other, so that nothing interleaves."""
        while True:
            await self._settle()
            if not self._desk.state.status.is_open:
                return
            self._set_alarm()
            self._is_long = self._is_long or _is_long()
            workflow.set_current_details(_details(self._desk.state))
            await workflow.wait_condition(lambda: self._has_work() or self._may_continue_as_new())
            if not self._has_work():
                workflow.continue_as_new(
                    self._given.model_copy(update=self._continued()),
                    task_queue=self._move_to,
                    initial_versioning_behavior=_newest() if _is_pinned() else None,
                )
            if self._rings():
                self._alarm = None
                self._desk.elapse(workflow.now())

    @workflow.update(name=wire.COMMAND)
    async def command(self, raw: RawValue) -> Receipt:
        """Decides at once and without a pause; the answer waits until its events are in the journal."""
        command = _said(lambda: self._read(raw))
        _said(lambda: self._desk.take(command, workflow.now()))
        await workflow.wait_condition(lambda: self._desk.is_settled(command.id) or self._writer.away)
        return _said(lambda: self._desk.answer(command.id))

    @command.validator
    def _check(self, raw: RawValue) -> None:
        _said(lambda: self._desk.check(self._read(raw), workflow.now()))

    def _read(self, raw: RawValue) -> Command:
        return read_command(raw, sealed=self._given.sealed)

    @workflow.update(name=wire.OPENED)
    async def opened(self) -> Receipt:
        """Answers when the cycle is in the journal."""
        await workflow.wait_condition(
            lambda: self._desk.journaled_revision > 0 or self._writer.away or self._desk.failed_to_open is not None
        )
        if self._desk.failed_to_open is not None:
            raise _failure(self._desk.failed_to_open)
        state = self._desk.state
        given = self._given
        return Receipt(
            cycle_id=state.cycle_id,
            command_id=given.command_id or "",
            revision=state.revision,
            fingerprint=given.fingerprint,
        )

    @workflow.signal(name=wire.COMMAND)
    def signalled(self, raw: RawValue = NOTHING) -> None:
        """The same commands from other systems; each waits its turn, and a refused one is recorded."""
        self._signals.receive(raw)

    @workflow.signal(name=wire.CATCH_UP)
    def catch_up(self) -> None:
        """The journal may hold more than this engine knows."""
        self._writer.behind = True

    @workflow.signal(name=wire.MOVE)
    def move(self, raw: RawValue = NOTHING) -> None:
        """Our own worker asks it to go on, as a new run, where it works now."""
        self._move_to = read_queue(raw) or self._move_to

    @workflow.query(name=wire.STATE)
    def state(self) -> CycleState:
        """The cycle as the engine has it."""
        return self._desk.state

    def _has_work(self) -> bool:
        return bool(self._desk.outbox or self._signals.is_waiting or self._writer.behind or self._rings())

    def _rings(self) -> bool:
        return self._alarm is not None and self._alarm.done() and self._desk.state.status.is_open

    def _is_quiet(self) -> bool:
        return workflow.all_handlers_finished() and not self._signals.is_reading

    def _may_continue_as_new(self) -> bool:
        info = workflow.info()
        wished = (
            self._move_to is not None
            or self._is_long
            or info.is_continue_as_new_suggested()
            or info.is_target_worker_deployment_version_changed()
        )
        return wished and self._is_quiet()

    def _continued(self) -> dict[str, Any]:
        return {"opening": None, "snapshot": self._desk.snapshot(), "sealed": True}

    async def _settle(self) -> None:
        """Writes down what is decided and has every signal read, until nothing is left to do at once."""
        await self._write_down()
        while self._signals.is_waiting:
            await self._signals.read(self._write_down)
            await self._write_down()

    async def _write_down(self) -> None:
        """Hands the outbox to the journal until it is empty; an opening that can never be written ends the run."""
        await self._writer.write()
        if (refusal := self._desk.failed_to_open) is not None:
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise _failure(refusal)

    def _set_alarm(self) -> None:
        """One timer, replaced only when something is due earlier: a later wake-up is looked at when it rings."""
        wake = self._desk.next_wake
        if wake is None or (self._alarm is not None and self._alarm_at is not None and self._alarm_at <= wake):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        pause = max((wake + spread(self._desk.state, wake) - workflow.now()).total_seconds(), 0.0)
        self._alarm, self._alarm_at = asyncio.create_task(asyncio.sleep(pause)), wake

    async def _start_next(self) -> None:
        await start_next(self._desk.state)


def _desk(given: wire.CycleInput, at: datetime) -> CommandLog:
    if given.snapshot is not None:
        return CommandLog.resumed(given.snapshot)
    if given.opening is None:
        raise ApplicationError("neither opening nor snapshot", type="bad_input", non_retryable=True)
    return CommandLog.opening(
        given.opening,
        at,
        actor=given.actor,
        command_id=given.command_id,
        fingerprint=given.fingerprint,
        by_token_of=given.by_token_of,
    )


def _is_long() -> bool:
    """Whether the run has become long. Runs that had before this was asked go on as they were recorded."""
    return workflow.info().get_current_history_length() >= LONG and workflow.patched(EARLY)


def _is_pinned() -> bool:
    """Whether this run stays on the build of the worker that began it (`workflows.upkeep.releases`)."""
    version = workflow.info().get_current_deployment_version()
    return version is not None and bool(version.deployment_name)


def _newest() -> workflow.ContinueAsNewVersioningBehavior:
    """The next run begins on the build that is current then."""
    return workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE


def _said(work: Callable[[], Answer]) -> Answer:
    """What the desk says; whatever it raises goes to the asker and never fails the workflow task."""
    try:
        return work()
    except DomainError as error:
        raise _failure(error.refusal) from error
    except Exception as error:
        workflow.logger.exception("a command could not be decided")
        raise _failure(NOT_DECIDED) from error


def _failure(refusal: Refusal) -> ApplicationError:
    """A refusal as Temporal carries it: type is the code, detail the `Refusal`."""
    return ApplicationError(refusal.code, refusal, type=refusal.code, non_retryable=True)


def _details(state: CycleState) -> str:
    """One line for Temporal's own UI."""
    return f"**{state.step.value}** · {state.step_status.value} · {state.status.value} · round {state.round}"
