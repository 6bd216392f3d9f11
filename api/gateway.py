"""The only door to Temporal: turns commands into Updates, and what comes back into receipts and refusals.

A command carries its own id, so whatever is in doubt is asked once more under the same id. Must not know HTTP.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from copy import copy
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Engine
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
from engine.contracts.installation import EngineNames
from engine.contracts.sealed import Unreadable
from engine.domain.cycle.commands import Command, Receipt, Retract
from engine.domain.cycle.events import CycleOpened
from engine.domain.cycle.working_copy import NOT_TAKEN
from engine.domain.errors import DomainError, Refusal, not_found, unprocessable
from engine.domain.moves.dispatch import decide
from engine.runtime.identity import open_engine
from engine.runtime.settings import Settings
from engine.store.directory.directory import Directory
from engine.store.record.journal import Journal
from workflows.upkeep.census import start_again
from workflows.upkeep.waking import wake_delivery

PATIENCE = 10.0
"""Seconds to wait for the engine's answer, where nobody waits at a screen."""
AGAIN = 0.1
"""Seconds until the engine is asked again when its answer is in doubt."""
NUDGED = 0.5
"""Seconds for a word to the engine that somebody else can say later."""
CATCHING_UP = (0.02, 0.1, 0.3, 1.0, 2.0)
"""Pauses, in seconds, while a cycle catches up with its journal."""
CLOSED_TRIES = 5
"""How often a command for a closed cycle is decided again, because somebody else's came first."""
HEALING = 2.0
"""Seconds between looks at what is in doubt."""
_AMBIGUOUS = (
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
)
"""It may have been done or not; asking again under the same id finds out."""
Answer = TypeVar("Answer")


class EngineAwayError(Exception):
    """The engine did not answer, or does not run a cycle that is open; the same command may be sent again."""

    def __init__(self, code: str = "engine_away") -> None:
        self.code = code
        super().__init__(code)


class Gateway:
    """Starts cycles and gives them commands.

    Args:
        client: speaks to the engine.
        directory: what commands need is looked up there.
        journal: what is in it is answered from it.
        names: where our workers listen, and what our runs are called.
        patience: seconds to wait for the engine's answer, asking again included.
    """

    def __init__(
        self, client: Client, directory: Directory, journal: Journal, names: EngineNames, patience: float = PATIENCE
    ) -> None:
        self._client = client
        self._directory = directory
        self._journal = journal
        self._names = names
        self._patience = patience
        self._doubtful: set[str] = set()

    @property
    def client(self) -> Client:
        """What it speaks through."""
        return self._client

    def patient(self) -> "Gateway":
        """The same for long work, such as an import: waits as long as where nobody waits at a screen."""
        found = copy(self)
        found._patience = max(PATIENCE, self._patience)  # noqa: SLF001 - a copy of itself
        return found

    async def start(
        self, opened: CycleOpened, *, actor: str, command_id: str, fingerprint: str, by_token_of: str | None = None
    ) -> Receipt:
        """Starts the first cycle of an initiative; the same id again finds the one that is there.

        Raises:
            DomainError: its opening cannot be recorded, so there is no such cycle; or the id was used for another.
            EngineAwayError: no answer; it may have started, and asking again finds out.
        """
        given = wire.CycleInput(
            opening=opened,
            actor=actor,
            by_token_of=by_token_of,
            command_id=command_id,
            fingerprint=fingerprint,
            sealed=True,
        )

        async def attempt() -> Receipt:
            start: WithStartWorkflowOperation[object, None] = WithStartWorkflowOperation(
                wire.CYCLE_WORKFLOW,
                given,
                id=wire.workflow_id(opened.cycle_id),
                task_queue=self._names.task_queue,
                task_timeout=wire.TASK_TIMEOUT,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            )
            receipt: Receipt = await self._client.execute_update_with_start_workflow(
                wire.OPENED,
                start_workflow_operation=start,
                id=f"{wire.OPENED}-{hashlib.sha256(fingerprint.encode()).hexdigest()[:32]}",
                result_type=Receipt,
                rpc_timeout=timedelta(seconds=self._patience),
            )
            return _readable(receipt)

        try:
            receipt = await _in_time(attempt, self._patience)
        except WorkflowUpdateFailedError as error:
            raise _refused(error) from error
        except WorkflowAlreadyStartedError:  # it has run and ended since
            return await asyncio.to_thread(self._was_started, opened.cycle_id, command_id, fingerprint)
        except RPCError as error:
            raise EngineAwayError from error
        if receipt.fingerprint not in {None, fingerprint}:
            raise unprocessable("idempotency_key_reused", key=command_id)
        return receipt

    async def command(self, cycle_id: str, command: Command) -> Receipt:
        """Looks up what the command needs, and has the cycle decide it.

        Raises:
            DomainError: refused, with the reason; nothing has changed.
            EngineAwayError: no answer; the same id may be sent again.
        """
        for pause in (*CATCHING_UP, None):
            found = await asyncio.to_thread(self._look_up, cycle_id, command)
            if isinstance(found, Receipt):
                await self._remind(cycle_id)
                if isinstance(command.body, Retract):
                    await self._reopen(cycle_id)
                return found
            try:
                return await self._update(cycle_id, found)
            except DomainError as error:
                if NOT_TAKEN in error.refusal.errors:  # a worker of an earlier release would hand in what was before
                    raise EngineAwayError from error
                if error.refusal.code != "engine_behind":
                    raise
                if pause is None:  # nothing is wrong with the command: it may be sent again
                    raise EngineAwayError from error
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
        with suppress(RPCError, EngineAwayError):
            await _in_time(lambda: wake_delivery(self._client, webhook_id, self._names), NUDGED)

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
                wire.COMMAND,
                command,
                id=f"{command.id}-{command.fingerprint}",  # the server answers an id once, whatever the body
                result_type=Receipt,
                rpc_timeout=timedelta(seconds=self._patience),
            )
            return _readable(receipt)

        try:
            return await _in_time(attempt, self._patience)
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
        seen = await asyncio.to_thread(self._journal.seen, cycle_id)
        try:
            await _in_time(lambda: start_again(self._client, state, self._names.task_queue, seen), self._patience)
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
            events = decide(state, command, self._directory.now()).events
            if state.status.is_open or not events:
                break
            ask = wire.AppendAsk(cycle_id=cycle_id, after=state.revision, events=events)
            if not self._journal.append(ask).ahead:  # its workflow is over, so the journal itself decides
                return Receipt(cycle_id=cycle_id, command_id=command.id, revision=events[-1].seq)
        raise EngineAwayError("cycle_not_running")

    def _was_started(self, cycle_id: str, command_id: str, fingerprint: str) -> Receipt:
        """The answer of a start whose cycle has ended: what its first event says."""
        first = next(iter(self._journal.events(cycle_id)), None)
        if first is None:
            raise EngineAwayError("engine_failed")
        if first.fingerprint not in {None, fingerprint}:
            raise unprocessable("idempotency_key_reused", key=command_id)
        return Receipt(cycle_id=cycle_id, command_id=command_id, revision=1)

    async def _remind(self, cycle_id: str) -> None:
        """Has the engine look at the journal, in case it was away for the first answer: now, or when it is back."""
        try:
            await self._catch_up(cycle_id, NUDGED)
        except EngineAwayError:
            self._doubtful.add(cycle_id)

    async def _catch_up(self, cycle_id: str, patience: float | None = None) -> None:
        handle = self._client.get_workflow_handle(wire.workflow_id(cycle_id))
        try:
            await _in_time(lambda: handle.signal(wire.CATCH_UP), patience or self._patience)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise EngineAwayError from error


async def gateway_of(settings: Settings, database: Engine) -> Gateway:
    """The door for a process that serves nobody over HTTP.

    Raises:
        SetupError: the engine does not answer, or is another installation's.
    """
    engine = await open_engine(settings, database)
    return Gateway(engine.client, Directory(database), Journal(database), engine.names)


async def _in_time(attempt: Callable[[], Awaitable[Answer]], patience: float) -> Answer:
    """Asks, and again while the answer is in doubt and there is time; the id makes that safe.

    A call that hangs is left: a stopped server may keep a connection open for minutes.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + patience
    while True:
        asked = asyncio.ensure_future(attempt())
        try:
            await asyncio.wait({asked}, timeout=max(0.0, deadline - clock()))
        finally:
            if not asked.done():
                asked.cancel()
                asked.add_done_callback(_let_go)
        if not asked.done():
            raise EngineAwayError
        try:
            return asked.result()
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            doubt: Exception = error
        except RPCError as error:
            if error.status not in _AMBIGUOUS:
                raise
            doubt = error
        if clock() + AGAIN > deadline:
            raise EngineAwayError from doubt
        await asyncio.sleep(AGAIN)


def _let_go(asked: asyncio.Future[Answer]) -> None:
    """Whatever it ends with after all, nobody waits for it any more."""
    if not asked.cancelled():
        asked.exception()


def _readable(receipt: Receipt) -> Receipt:
    """An answer that our worker has not sealed is none: it may be anybody's."""
    if not isinstance(receipt, Receipt):
        raise EngineAwayError("engine_failed")
    return receipt


def _refused(error: WorkflowUpdateFailedError) -> Exception:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.details and not isinstance(cause.details[0], Unreadable):
        return DomainError.of(Refusal.model_validate(cause.details[0]))
    return EngineAwayError("engine_failed")
