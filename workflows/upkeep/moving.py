"""Moves what rests on another build to the current one: by asking it, or by record where nobody is left to ask.

A cycle whose build has a worker is asked to continue as new. One whose build has none any more would never answer
again: it is started anew from the journal, as `spiral readopt` does it, with the commands that nobody has read yet.
Nothing that was answered stands only in its run: an answer is given when its events are in the journal. A journal
that was put back from an older copy is behind the engine's mark; from such a one nothing is started anew.
Deliveries, notices and milestones keep what they know in SQL: they end, and are started anew where the worker is.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecution, WorkflowHandle
from temporalio.common import RawValue
from temporalio.service import RPCError

from engine.contracts import cycle as wire
from engine.contracts.engines import OpenEngine
from engine.contracts.installation import RETIRE
from engine.domain.cycle.state import CycleState
from engine.domain.moves.command_log import Seen
from workflows.upkeep.census import start_again
from workflows.upkeep.reconciler import mark_of
from workflows.upkeep.releases import Deployment, Promotion, builds_at_work, runs_elsewhere
from workflows.upkeep.waking import BATCH, through

OFTEN, SELDOM = 2.0, 10.0
"""Seconds between looks: until this build is known to be current, or not, and after that."""
MOST = 400
"""Runs that are looked at in one round."""
ENOUGH = 20.0
"""Seconds after which a round ends all the same: a worker that has just gone is known to be gone only later."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class JournalLooks:
    """What the journal says; each may block.

    Attributes:
        state: of a cycle, None when it is not recorded.
        seen: the commands that a cycle's journal holds.
        position: where it ends.
    """

    state: Callable[[str], CycleState | None]
    seen: Callable[[str], Mapping[str, Seen]]
    position: Callable[[], int]


class Mover:
    """One for each worker whose build has a name; only that of the current build does anything.

    Args:
        engine: ours.
        build: this worker's.
        promotion: says whether it is current.
        record: what the journal says.
    """

    def __init__(
        self,
        engine: OpenEngine,
        build: str,
        promotion: Promotion,
        record: JournalLooks,
    ) -> None:
        self._engine = engine
        self._client = engine.client
        self._bare = engine.known.bare
        self._build = build
        self._promotion = promotion
        self._record = record

    async def run(self) -> None:
        """Until cancelled. Whatever is away now is looked at in the next round."""
        pause = OFTEN
        while True:
            try:
                if (known := await self._promotion.look()) is not None:
                    pause = SELDOM if await self.round(known) == 0 else OFTEN
            except Exception as error:  # noqa: BLE001 - database or engine away
                log.warning("cannot follow releases", reason=str(error)[:200])
            await asyncio.sleep(pause)

    async def round(self, known: Deployment) -> int:
        """Moves some of what runs on other builds; gives how many that were."""
        found: list[tuple[WorkflowExecution, str]] = []
        async for run in runs_elsewhere(self._bare, self._engine.names, self._build, known):
            found.append(run)
            if len(found) == MOST:
                break
        if not found:
            return 0
        alive = await builds_at_work(self._bare, self._engine.names)
        left = [run for run, build in found if build and build not in alive]
        asked = [run for run, build in found if not build or build in alive]
        log.info("moving to this build", build=self._build, asked=len(asked), by_record=len(left))
        clock = asyncio.get_running_loop().time
        end = clock() + ENOUGH
        for first in range(0, len(asked), BATCH):
            if clock() > end:
                break
            await asyncio.gather(*(self._ask(run) for run in asked[first : first + BATCH]))
        if left and await mark_of(self._engine) > await asyncio.to_thread(self._record.position):
            log.error("the journal is older than the engine: cycles without a worker wait for a newer copy")
            return 0
        for one in left:
            await self._by_record(one)
        return len(found)

    async def _ask(self, run: WorkflowExecution) -> None:
        is_cycle = run.workflow_type == wire.CYCLE_WORKFLOW
        handle = self._client.get_workflow_handle(run.id)
        with suppress(RPCError):  # it has ended meanwhile, or the next round asks again
            if is_cycle:
                await handle.signal(wire.MOVE, self._engine.names.task_queue)
                await through(self._client, run.id)
            else:
                await handle.signal(RETIRE)

    async def _by_record(self, run: WorkflowExecution) -> None:
        """Starts it anew where the current worker finds it; the run that nobody works on is ended by that."""
        if run.workflow_type != wire.CYCLE_WORKFLOW:
            await self._bare.get_workflow_handle(run.id).terminate("its build has no worker any more")
            return
        cycle = wire.cycle_id_of(run.id)
        state = await asyncio.to_thread(self._record.state, cycle)
        if state is None:
            return  # it is not in the record yet: the reconciler names it
        unread = await unread_signals(self._bare.get_workflow_handle(run.id, run_id=run.run_id))
        seen = await asyncio.to_thread(self._record.seen, cycle)
        await start_again(self._client, state, self._engine.names.task_queue, seen, instead=True)
        for payloads in unread:
            await self._bare.get_workflow_handle(run.id).signal(
                wire.COMMAND, args=[RawValue(one) for one in payloads]
            )
        log.warning("its build has no worker any more: goes on from the record", cycle=cycle, signals=len(unread))


async def unread_signals(handle: WorkflowHandle[object, object]) -> list[Sequence[Payload]]:
    """The commands that were sent to a run as signals and that no worker has looked at yet, as they are."""
    found: list[Sequence[Payload]] = []
    async for event in handle.fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            found = []
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            signal = event.workflow_execution_signaled_event_attributes
            if signal.signal_name == wire.COMMAND:
                found.append(signal.input.payloads)
    return found
