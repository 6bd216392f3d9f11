"""One cycle, kept alive: a thin durable shell around `engine.domain.desk`.

It receives commands, lets the desk decide, hands the outbox to the journal, wakes when time brings something, and
starts the cycles that follow. What any of it means is decided in `engine.domain`; nothing here knows a table.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    FailureError,
    WorkflowAlreadyStartedError,
    is_cancelled_exception,
)
from temporalio.workflow import ParentClosePolicy

from activities.directory import DirectoryActivities
from activities.journal import JournalActivities
from engine.contracts import cycle as wire
from engine.domain.commands import Command, Receipt
from engine.domain.desk import Desk
from engine.domain.errors import Category, DomainError, Refusal
from engine.domain.events import CommandRefused, CycleOpened, Event, PlannedNext
from engine.domain.joining import join_command, turned_away
from engine.domain.spawning import opening_of
from engine.domain.state import CycleState

ONCE = RetryPolicy(maximum_attempts=1)
FOR_EVER = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=10))
QUICK = timedelta(seconds=2)
"""How long a reply waits for the database before the engine answers alone."""
SLOW = timedelta(seconds=30)
Answer = TypeVar("Answer")


@workflow.defn(name=wire.CYCLE_WORKFLOW)
class CycleWorkflow:
    """A cycle from its opening to its end."""

    @workflow.init
    def __init__(self, given: wire.CycleInput) -> None:
        self._given = given
        self._desk = _desk(given, workflow.now())
        self._signals: list[RawValue] = []
        self._database_away = False
        self._behind = False
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at: datetime | None = None

    @workflow.run
    async def run(self, _given: wire.CycleInput) -> None:
        """Everything that needs awaiting, one thing after the other, so that nothing interleaves."""
        while True:
            await self._settle()
            if not self._desk.state.status.is_open:
                break
            self._set_alarm()
            workflow.set_current_details(_details(self._desk.state))
            await workflow.wait_condition(lambda: self._has_work() or self._may_continue_as_new())
            if not self._has_work():
                workflow.continue_as_new(self._given.model_copy(update=self._continued()))
            if self._rings():
                self._alarm = None
                self._desk.elapse(workflow.now())
        await self._start_next()
        workflow.set_current_details(_details(self._desk.state))
        while self._has_work() or not workflow.all_handlers_finished():
            await self._settle()
            await workflow.wait_condition(lambda: self._has_work() or workflow.all_handlers_finished())

    @workflow.update(name=wire.COMMAND)
    async def command(self, command: Command) -> Receipt:
        """Decides at once and without a pause; the answer waits until its events are in the journal."""
        _said(lambda: self._desk.take(command, workflow.now()))
        await workflow.wait_condition(lambda: self._desk.is_settled(command.id) or self._database_away)
        return _said(lambda: self._desk.answer(command.id))

    @command.validator
    def _check(self, command: Command) -> None:
        _said(lambda: self._desk.check(command, workflow.now()))

    @workflow.update(name=wire.OPENED)
    async def opened(self) -> Receipt:
        """Answers when the cycle is in the journal."""
        await workflow.wait_condition(lambda: self._desk.journaled_revision > 0 or self._database_away)
        state = self._desk.state
        return Receipt(cycle_id=state.cycle_id, command_id=self._given.command_id or "", revision=state.revision)

    @workflow.signal(name=wire.COMMAND)
    def signalled(self, raw: RawValue) -> None:
        """The same commands from other systems; each waits its turn, and a refused one is recorded."""
        self._signals.append(raw)

    @workflow.signal(name=wire.CATCH_UP)
    def catch_up(self) -> None:
        """The journal may hold more than this engine knows."""
        self._behind = True

    @workflow.query(name=wire.STATE)
    def state(self) -> CycleState:
        """The cycle as the engine has it."""
        return self._desk.state

    def _has_work(self) -> bool:
        return bool(self._desk.outbox or self._signals or self._behind or self._rings())

    def _rings(self) -> bool:
        return self._alarm is not None and self._alarm.done() and self._desk.state.status.is_open

    def _may_continue_as_new(self) -> bool:
        return workflow.info().is_continue_as_new_suggested() and workflow.all_handlers_finished()

    def _continued(self) -> dict[str, Any]:
        return {"opening": None, "snapshot": self._desk.snapshot()}

    async def _settle(self) -> None:
        """Writes down what is decided and hears every signal, until neither is left."""
        await self._write_down()
        while self._signals:
            heard = await self._hear(self._signals.pop(0))
            await self._write_down()
            if heard is not None and (instead := turned_away(self._desk.state, heard)) is not None:
                await self._start(instead)

    async def _write_down(self) -> None:
        """Hands the outbox to the journal until it is empty; takes over what the journal holds beyond it."""
        while self._desk.outbox or self._behind:
            events, self._behind = self._desk.outbox, False
            answer = await self._append(events)
            if answer.ahead:
                self._desk.rebase(answer.ahead, workflow.now())
            elif events:
                self._desk.settled(events)

    async def _append(self, events: tuple[Event, ...]) -> wire.AppendAnswer:
        state = self._desk.state
        ask = wire.AppendAsk(cycle_id=state.cycle_id, after=self._desk.journaled_revision, events=events)
        try:
            return await workflow.execute_local_activity_method(
                JournalActivities.append, ask, schedule_to_close_timeout=QUICK, retry_policy=ONCE
            )
        except FailureError as error:  # a local activity's own failure comes without an ActivityError around it
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("the database does not answer; trying on", extra={"cycle": state.cycle_id})
        self._database_away = True
        answer = await workflow.execute_activity_method(
            JournalActivities.append, ask, start_to_close_timeout=SLOW, retry_policy=FOR_EVER
        )
        self._database_away = False
        return answer

    async def _hear(self, raw: RawValue) -> Command | None:
        """One command that came as a signal; gives it back when it was taken."""
        try:
            command = workflow.payload_converter().from_payload(raw.payload, Command)
        except Exception as error:  # noqa: BLE001 - whatever a stranger sent must not stop the cycle
            refusal = Refusal(code="unreadable_command", category=Category.INVALID, params={"why": str(error)[:300]})
            self._desk.note(CommandRefused(command="?", refusal=refusal), workflow.now())
            return None
        try:
            prepared = await self._prepare(command)
            self._desk.take(prepared.model_copy(update={"seen_revision": 0}), workflow.now())
        except DomainError as error:
            self._desk.refuse(command, error.refusal, workflow.now())
            return None
        return prepared

    async def _prepare(self, command: Command) -> Command:
        ask = wire.PrepareAsk(cycle_id=self._desk.state.cycle_id, command=command, at=workflow.now())
        try:
            answer = await workflow.execute_activity_method(
                DirectoryActivities.prepare, ask, start_to_close_timeout=SLOW, retry_policy=FOR_EVER
            )
        except ActivityError as error:
            if isinstance(error.cause, ApplicationError) and error.cause.details:
                raise DomainError.of(Refusal.model_validate(error.cause.details[0])) from error
            raise
        return answer.command

    def _set_alarm(self) -> None:
        """One timer, replaced only when something is due earlier: a later wake-up is looked at when it rings."""
        wake = self._desk.next_wake
        if wake is None or (self._alarm is not None and self._alarm_at is not None and self._alarm_at <= wake):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        pause = max((wake - workflow.now()).total_seconds(), 0.0)
        self._alarm, self._alarm_at = asyncio.create_task(asyncio.sleep(pause)), wake

    async def _start_next(self) -> None:
        """The cycles that follow, each a workflow of its own that outlives this one; some flow into another one."""
        state = self._desk.state
        for planned in state.next_cycles:
            if planned.join is None or not await self._join(state, planned):
                await self._start(opening_of(state, planned))

    async def _join(self, state: CycleState, planned: PlannedNext) -> bool:
        """Tells the cycle to be joined; too late, it opens what opens instead. False when it runs no more."""
        target = workflow.get_external_workflow_handle(wire.workflow_id(planned.join or ""))
        try:
            await target.signal(wire.COMMAND, join_command(state, planned))
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            return False
        return True

    async def _start(self, opening: CycleOpened) -> None:
        with suppress(WorkflowAlreadyStartedError):
            await workflow.start_child_workflow(
                CycleWorkflow.run,
                wire.CycleInput(opening=opening),
                id=wire.workflow_id(opening.cycle_id),
                task_timeout=wire.TASK_TIMEOUT,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=ParentClosePolicy.ABANDON,
            )


def _desk(given: wire.CycleInput, at: datetime) -> Desk:
    if given.snapshot is not None:
        return Desk.resumed(given.snapshot)
    if given.opening is None:
        raise ApplicationError("neither opening nor snapshot", type="bad_input", non_retryable=True)
    return Desk.opening(
        given.opening, at, actor=given.actor, command_id=given.command_id, fingerprint=given.fingerprint
    )


def _said(work: Callable[[], Answer]) -> Answer:
    """A refusal as Temporal carries it: type is the code, detail the `Refusal`. It never fails the workflow task."""
    try:
        return work()
    except DomainError as error:
        refusal = error.refusal
        raise ApplicationError(refusal.code, refusal, type=refusal.code, non_retryable=True) from error


def _details(state: CycleState) -> str:
    """One line for Temporal's own UI."""
    return f"**{state.step.value}** · {state.step_status.value} · {state.status.value} · round {state.round}"
