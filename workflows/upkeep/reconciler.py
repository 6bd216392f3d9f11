"""Compares the engine with the record all the time, whatever caused a difference, and mends it without hands.

Cheap by design: it asks the cycles that moved since the last look, not all of them. How far it once found everything
equal stands in the engine itself, as the *mark*: an engine that comes back from an older copy brings its older mark
along, so exactly the cycles that have moved since are asked. Knows ports, not tables.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from temporalio.client import WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from engine.contracts import cycle as wire
from engine.contracts.differences import DifferenceKind
from engine.contracts.engines import OpenEngine
from engine.domain.cycle.events import PlannedNext
from engine.domain.cycle.state import CycleState
from engine.domain.lineage.join import join_command
from engine.domain.lineage.next_cycles import opening_of
from engine.domain.moves.command_log import Seen
from workflows.upkeep.census import RUNNING, running_cycles, start_again
from workflows.upkeep.waking import nudge

MARGIN = 500
"""Positions of the journal that are looked at again: an engine may end a task a moment after the journal's commit."""
AT_ONCE = 4
MOST = 100
"""Cycles that are asked in one round; each question is work for a worker, and when all deadlines of a day fall due at
one instant, people come first. The others are asked in the next rounds."""
PATIENCE = timedelta(seconds=10)
OFTEN = 3
"""Rounds in a row that a difference must be seen before it is told; most are gone at the next look."""
MARKED_EVERY = timedelta(minutes=1)
STUCK = f"{RUNNING} AND TemporalReportedProblems IS NOT NULL"
SETTLING = 1.0
"""Seconds that what is on its way into the journal gets."""

Told = set[tuple[DifferenceKind, str]]
log = structlog.get_logger(__name__)


class RecordPort(Protocol):
    """See `engine.store.queries.reconciling.Reconciling`; every method may block."""

    def position(self) -> int: ...
    def open_cycles(self) -> Mapping[str, int]: ...
    def moved_after(self, position: int) -> Mapping[str, int]: ...
    def state(self, cycle_id: str) -> CycleState | None: ...
    def not_followed(self, since: datetime | None = None) -> Sequence[tuple[CycleState, PlannedNext]]: ...


class Reconciler:
    """One for each worker; two of them do no harm, since whatever they start is started once.

    Args:
        engine: ours.
        record: what the journal says.
        seen: the commands that a cycle's journal holds.
        tell: takes what could not be mended, all of it, after each round.
        wake: starts the runs beside the cycles that are missing.
    """

    def __init__(
        self,
        engine: OpenEngine,
        record: RecordPort,
        seen: Callable[[str], Mapping[str, Seen]],
        tell: Callable[[Iterable[tuple[DifferenceKind, str]]], None],
        wake: Callable[[], Awaitable[None]],
    ) -> None:
        self._engine = engine
        self._client = engine.client
        self._record = record
        self._seen_by = seen
        self._tell = tell
        self._wake = wake
        self._looked: int | None = None
        self._marked = -1
        self._marked_at = datetime.min.replace(tzinfo=UTC)
        self._doubtful: set[str] = set()
        self._later: tuple[str, ...] = ()
        self._seen: dict[tuple[DifferenceKind, str], int] = {}
        self._followed_since: datetime | None = None

    async def run(self, every: float) -> None:
        """Until cancelled, a round every so many seconds. Whatever is away now is looked at in the next round."""
        while True:
            try:
                await self.round()
            except Exception as error:  # noqa: BLE001 - database or engine away
                log.warning("cannot reconcile", reason=str(error)[:200])
            await asyncio.sleep(every)

    async def round(self) -> None:
        """Looks once, mends what can be mended, and tells the rest."""
        found: Told = set()
        position = await asyncio.to_thread(self._record.position)
        recorded = await asyncio.to_thread(self._record.open_cycles)
        unknown, ended = await self._not_matched(recorded, found)
        asked = await self._to_ask(recorded, unknown)
        await self._compare(asked, found)
        await self._tell_of_their_end(ended, found)
        await self._follow_up(found)
        found |= {(DifferenceKind.STUCK, cycle) for cycle in await self._stuck() if cycle in recorded}
        await self._wake()
        self._looked = position
        if not self._doubtful and not self._later:
            await self._set_mark(position)
        await asyncio.to_thread(self._tell, self._often(found))

    async def _not_matched(self, recorded: Mapping[str, int], found: Told) -> tuple[set[str], list[str]]:
        """Cycles that are only in one of the two.

        Returns:
            The open cycles that do not run, and those that run though they ended in the record.
        """
        queue = self._engine.names.task_queue if self._engine.known.shared else None
        missing, unexpected = await running_cycles(self._engine.known.bare, recorded, queue)
        await self._start_unknown(missing, found)
        ended = []
        for cycle in unexpected:
            state = await asyncio.to_thread(self._record.state, cycle)
            if state is None:
                found.add((DifferenceKind.UNRECORDED, cycle))
            elif not state.status.is_open:
                ended.append(cycle)
        return set(missing), ended

    async def _tell_of_their_end(self, ended: Sequence[str], found: Told) -> None:
        """Runs that go on although their cycle has ended in the record: they died before they heard of it."""
        if ended:
            log.warning("the engine is behind its journal", cycles=len(ended))
            await nudge(self._client, ended)
        found |= {(DifferenceKind.ENGINE_BEHIND, cycle) for cycle in ended}

    async def _start_unknown(self, missing: Sequence[str], found: Told) -> None:
        """Open cycles that do not run: started again where the engine never heard of them, else told."""
        for cycle in missing:
            state = await asyncio.to_thread(self._record.state, cycle)
            if state is None or not state.status.is_open:
                continue
            if await self._was_never_there(cycle):
                log.warning("started again from the journal", cycle=cycle)
                seen = await asyncio.to_thread(self._seen_by, cycle)
                await start_again(self._client, state, self._engine.names.task_queue, seen)
            else:
                found.add((DifferenceKind.NOT_RUNNING, cycle))

    async def _was_never_there(self, cycle: str) -> bool:
        try:
            await self._engine.known.bare.get_workflow_handle(wire.workflow_id(cycle)).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return True
            raise
        return False

    async def _to_ask(self, recorded: Mapping[str, int], unknown: set[str]) -> list[str]:
        mark = await mark_of(self._engine)
        since = self._looked if self._looked is not None and mark >= self._marked else mark
        moved = await asyncio.to_thread(self._record.moved_after, max(0, since - MARGIN) if since else 0)
        found = dict.fromkeys((*self._doubtful, *self._later, *sorted(moved)))
        asked = [cycle for cycle in found if cycle in recorded and cycle not in unknown]
        self._later = tuple(asked[MOST:])
        return asked[:MOST]

    async def _compare(self, cycles: Sequence[str], found: Told) -> None:
        gate = asyncio.Semaphore(AT_ONCE)
        answers = await asyncio.gather(*(self._differs(cycle, gate) for cycle in cycles))
        self._doubtful = {cycle for cycle, kind in zip(cycles, answers, strict=True) if kind is not None}
        found |= {(kind, cycle) for cycle, kind in zip(cycles, answers, strict=True) if kind is not None}
        behind = [cycle for cycle, kind in zip(cycles, answers, strict=True) if kind is DifferenceKind.ENGINE_BEHIND]
        if behind:
            log.warning("the engine is behind its journal", cycles=len(behind))
            await nudge(self._client, behind)

    async def _differs(self, cycle: str, gate: asyncio.Semaphore) -> DifferenceKind | None:
        behind = False
        for pause in (SETTLING, 0.0):
            async with gate:
                try:
                    state: CycleState = await self._client.get_workflow_handle(wire.workflow_id(cycle)).query(
                        wire.STATE, result_type=CycleState, rpc_timeout=PATIENCE
                    )
                except (RPCError, WorkflowQueryFailedError):
                    return DifferenceKind.NO_ANSWER
                recorded = await asyncio.to_thread(self._record.state, cycle)
            if recorded is None or state.revision == recorded.revision:
                return None
            behind = state.revision < recorded.revision
            await asyncio.sleep(pause)
        return DifferenceKind.ENGINE_BEHIND if behind else DifferenceKind.JOURNAL_OLDER

    async def _follow_up(self, found: Told) -> None:
        """Starts what an approved Share planned and the engine lost; what its parent still does is left to it."""
        now = datetime.now(UTC)
        for state, planned in await asyncio.to_thread(self._record.not_followed, self._followed_since):
            if await self._runs(state.cycle_id):
                continue
            log.warning("a planned cycle is started by the reconciler", cycle=planned.cycle_id)
            if not await self._followed(state, planned):
                found.add((DifferenceKind.NEXT_MISSING, planned.cycle_id))
        if not any(kind is DifferenceKind.NEXT_MISSING for kind, _ in found):
            self._followed_since = now - timedelta(hours=1)

    async def _followed(self, state: CycleState, planned: PlannedNext) -> bool:
        if planned.join is not None and await self._runs(planned.join):
            target = self._client.get_workflow_handle(wire.workflow_id(planned.join))
            await target.signal(wire.COMMAND, join_command(state, planned))
            return True
        try:
            await self._client.start_workflow(
                wire.CYCLE_WORKFLOW,
                wire.CycleInput(opening=opening_of(state, planned), sealed=True),
                id=wire.workflow_id(planned.cycle_id),
                task_queue=self._engine.names.task_queue,
                task_timeout=wire.TASK_TIMEOUT,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:  # it runs and is about to be recorded, or it ended before it was
            return await self._runs(planned.cycle_id)
        return True

    async def _runs(self, cycle: str) -> bool:
        try:
            found = await self._engine.known.bare.get_workflow_handle(wire.workflow_id(cycle)).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING

    async def _stuck(self) -> list[str]:
        """The cycles whose tasks fail again and again, as the engine itself reports."""
        return [wire.cycle_id_of(run.id) async for run in self._engine.known.bare.list_workflows(STUCK)]

    def _often(self, found: Told) -> Told:
        """What was seen in several rounds in a row."""
        self._seen = {one: self._seen.get(one, 0) + 1 for one in found}
        return {one for one, times in self._seen.items() if times >= OFTEN}

    async def _set_mark(self, position: int) -> None:
        now = datetime.now(UTC)
        if position <= self._marked or now - self._marked_at < MARKED_EVERY:
            return
        await self._engine.known.bare.start_workflow(
            wire.MARK_WORKFLOW,
            id=self._engine.names.mark,
            task_queue=self._engine.names.mark,  # nobody works there: it only holds the mark
            memo={wire.MARKED: position},
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
        self._marked, self._marked_at = position, now


async def mark_of(engine: OpenEngine) -> int:
    """The position of the journal up to which an engine once agreed with it; 0 if it knows none."""
    try:
        found = await engine.known.bare.get_workflow_handle(engine.names.mark).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return 0
        raise
    return int((await found.memo()).get(wire.MARKED, 0))
