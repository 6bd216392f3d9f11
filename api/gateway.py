"""The only door to Temporal: turns commands into Updates, and what comes back into receipts and refusals.

A command carries its own id, so whatever is in doubt is asked once more under the same id. Must not know HTTP.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from engine.contracts import cycle as wire
from engine.domain.commands import Command, Receipt, Retract
from engine.domain.deciding import decide
from engine.domain.errors import DomainError, Refusal, not_found
from engine.domain.events import CycleOpened
from engine.store.directory import Directory
from engine.store.journal import Journal
from workflows.census import start_again
from workflows.waking import wake_delivery

PATIENCE = timedelta(seconds=10)
"""How long one attempt waits for the engine's answer."""
CATCHING_UP = (0.02, 0.1, 0.3, 1.0, 2.0)
"""Pauses, in seconds, while a cycle catches up with its journal."""
CLOSED_TRIES = 5
"""How often a command for a closed cycle is decided again, because somebody else's came first."""
HEALING = 2.0
"""Seconds between looks at what is in doubt."""
_AMBIGUOUS = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)
Answer = TypeVar("Answer")


class EngineAwayError(Exception):
    """The engine did not answer, or does not run a cycle that is open; the same command may be sent again."""

    def __init__(self, code: str = "engine_away") -> None:
        self.code = code
        super().__init__(code)


class Gateway:
    """Starts cycles and gives them commands."""

    def __init__(self, client: Client, directory: Directory, journal: Journal, task_queue: str) -> None:
        self._client = client
        self._directory = directory
        self._journal = journal
        self._task_queue = task_queue
        self._doubtful: set[str] = set()

    async def start(self, opened: CycleOpened, *, actor: str, command_id: str, fingerprint: str) -> Receipt:
        """Starts the first cycle of an initiative; the same id again finds the one that is there.

        Raises:
            DomainError: its opening cannot be recorded, so there is no such cycle.
            EngineAwayError: no answer; it may have started, and asking again finds out.
        """
        given = wire.CycleInput(opening=opened, actor=actor, command_id=command_id, fingerprint=fingerprint)

        async def attempt() -> Receipt:
            start: WithStartWorkflowOperation[object, None] = WithStartWorkflowOperation(
                wire.CYCLE_WORKFLOW,
                given,
                id=wire.workflow_id(opened.cycle_id),
                task_queue=self._task_queue,
                task_timeout=wire.TASK_TIMEOUT,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            )
            receipt: Receipt = await self._client.execute_update_with_start_workflow(
                wire.OPENED,
                start_workflow_operation=start,
                id=wire.OPENED,
                result_type=Receipt,
                rpc_timeout=PATIENCE,
            )
            return receipt

        try:
            return await _with_one_retry(attempt)
        except WorkflowUpdateFailedError as error:
            raise _refused(error) from error
        except WorkflowAlreadyStartedError:  # it has run and ended since
            return Receipt(cycle_id=opened.cycle_id, command_id=command_id, revision=1)

    async def command(self, cycle_id: str, command: Command) -> Receipt:
        """Looks up what the command needs, and has the cycle decide it.

        Raises:
            DomainError: refused, with the reason; nothing has changed.
            EngineAwayError: no answer; the same id may be sent again.
        """
        for pause in (*CATCHING_UP, None):
            found = await asyncio.to_thread(self._look_up, cycle_id, command)
            if isinstance(found, Receipt):
                await self._catch_up(cycle_id)  # in case the first answer was lost because the engine was
                if isinstance(command.body, Retract):
                    await self._reopen(cycle_id)
                return found
            try:
                return await self._update(cycle_id, found)
            except DomainError as error:
                if error.refusal.code != "engine_behind" or pause is None:
                    raise
                await self._catch_up(cycle_id)
                await asyncio.sleep(pause)
        raise EngineAwayError

    async def answers(self) -> bool:
        """Whether the engine answers at all."""
        try:
            return bool(await self._client.service_client.check_health(timeout=timedelta(seconds=2)))
        except RPCError:
            return False

    async def wake_delivery(self, webhook_id: str) -> None:
        """Has a webhook's deliveries look again. The engine being away is no harm: the workers look too."""
        with suppress(RPCError):
            await wake_delivery(self._client, webhook_id, self._task_queue)

    async def heal(self) -> None:
        """Tells cycles whose last answer is in doubt to look at the journal, as soon as the engine is back."""
        while True:
            await asyncio.sleep(HEALING)
            for cycle_id in sorted(self._doubtful):
                with suppress(EngineAwayError):
                    await self._catch_up(cycle_id)
                    self._doubtful.discard(cycle_id)

    def _look_up(self, cycle_id: str, command: Command) -> Command | Receipt:
        """The command with everything it needs, or the answer it already has."""
        known = self._journal.receipt(cycle_id, command)
        if known is not None:
            return known
        state = self._directory.state(cycle_id)
        if state is None:
            raise not_found("unknown_cycle", cycle=cycle_id)
        return self._directory.prepare(command.model_copy(update={"seen_revision": state.revision}), state)

    async def _update(self, cycle_id: str, command: Command) -> Receipt:
        handle = self._client.get_workflow_handle(wire.workflow_id(cycle_id))

        async def attempt() -> Receipt:
            receipt: Receipt = await handle.execute_update(
                wire.COMMAND, command, id=command.id, result_type=Receipt, rpc_timeout=PATIENCE
            )
            return receipt

        try:
            return await _with_one_retry(attempt)
        except WorkflowUpdateFailedError as error:
            raise _refused(error) from error
        except EngineAwayError:
            self._doubtful.add(cycle_id)
            raise
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise EngineAwayError from error
        receipt = await asyncio.to_thread(self._not_running, cycle_id, command)
        if isinstance(command.body, Retract):
            await self._reopen(cycle_id)
        return receipt

    async def _reopen(self, cycle_id: str) -> None:
        """Runs a cycle again whose end was taken back in the journal; asked again, it finds it running.

        Should the process die before this, the same command does it, and so does `spiral readopt`.
        """
        state = await asyncio.to_thread(self._directory.state, cycle_id)
        if state is None or not state.status.is_open:
            return
        try:
            await start_again(self._client, state, self._task_queue)
        except RPCError as error:
            raise EngineAwayError from error

    def _not_running(self, cycle_id: str, command: Command) -> Receipt:
        """The engine knows no such running cycle: it has ended meanwhile, or the engine has lost it."""
        known = self._journal.receipt(cycle_id, command)
        if known is not None:
            return known
        for _ in range(CLOSED_TRIES):
            state = self._directory.state(cycle_id)
            if state is None:
                break
            events = decide(state, command, self._directory.now())
            if state.status.is_open or not events:
                break
            ask = wire.AppendAsk(cycle_id=cycle_id, after=state.revision, events=events)
            if not self._journal.append(ask).ahead:  # its workflow is over, so the journal itself decides
                return Receipt(cycle_id=cycle_id, command_id=command.id, revision=events[-1].seq)
        raise EngineAwayError("cycle_not_running")

    async def _catch_up(self, cycle_id: str) -> None:
        try:
            await self._client.get_workflow_handle(wire.workflow_id(cycle_id)).signal(
                wire.CATCH_UP, rpc_timeout=PATIENCE
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise EngineAwayError from error


async def _with_one_retry(attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """Asks a second time when the first answer is in doubt; the id makes that safe."""
    for last in (False, True):
        try:
            return await attempt()
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            if last:
                raise EngineAwayError from error
        except RPCError as error:
            if error.status not in _AMBIGUOUS:
                raise
            if last:
                raise EngineAwayError from error
    raise EngineAwayError


def _refused(error: WorkflowUpdateFailedError) -> Exception:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.details:
        return DomainError.of(Refusal.model_validate(cause.details[0]))
    return EngineAwayError("engine_failed")
