"""Which cycles does the engine run? Compares it with the record, and starts again what it has lost."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from engine.contracts import cycle as wire
from engine.contracts.engines import KnownEngine
from engine.domain.cycle.state import CycleState
from engine.domain.moves.command_log import Seen, Snapshot
from workflows.upkeep.takeover import what_is_left

RUNNING = f'WorkflowType = "{wire.CYCLE_WORKFLOW}" AND ExecutionStatus = "Running"'
AT_ONCE = 20
"""Questions to the engine at the same time."""
PATIENCE = timedelta(seconds=10)
SETTLING = 1.0
"""Seconds that what is on its way into the journal gets."""


async def running_cycles(
    client: Client, open_cycles: Iterable[str], queue: str | None = None
) -> tuple[list[str], list[str]]:
    """Compares the engine with the cycles that the record says are open.

    Args:
        client: any; it needs no key.
        open_cycles: what the record says.
        queue: in a namespace that others share, ours; what runs elsewhere and is not recorded is theirs.

    The engine's list may lag by a moment, so each difference is asked about once more by id.

    Returns:
        The open cycles that the engine does not run, and those it runs though they are not open.
    """
    recorded = set(open_cycles)
    where = {wire.cycle_id_of(one.id): one.task_queue async for one in client.list_workflows(RUNNING)}
    running = {cycle for cycle, its in where.items() if cycle in recorded or queue in {None, its}}
    gate = asyncio.Semaphore(AT_ONCE)

    async def runs(cycle_id: str) -> bool:
        async with gate:
            try:
                found = await client.get_workflow_handle(wire.workflow_id(cycle_id)).describe()
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return False
                raise
            return found.status is WorkflowExecutionStatus.RUNNING

    missing, extra = sorted(recorded - running), sorted(running - recorded)
    still_missing = [cycle for cycle, yes in zip(missing, await asyncio.gather(*map(runs, missing)), strict=True)
                     if not yes]  # fmt: skip
    still_extra = [cycle for cycle, yes in zip(extra, await asyncio.gather(*map(runs, extra)), strict=True) if yes]
    return still_missing, still_extra


@dataclass(frozen=True)
class Compared:
    """What the engine says beside the record, as cycle ids.

    Attributes:
        missing: open, but the engine does not run them.
        unexpected: the engine runs them, but they are not open.
        differing: both have them, at different revisions; None when nobody could be asked.
        plain: how many of our runs began before payloads were sealed.
        installation: whose engine it is.
        has_worker: whether somebody is there who mends differences.
    """

    installation: str
    missing: Sequence[str]
    unexpected: Sequence[str]
    differing: Sequence[str] | None
    plain: int
    has_worker: bool

    @property
    def subjects(self) -> frozenset[str]:
        """The cycles of all differences."""
        return frozenset((*self.missing, *self.unexpected, *(self.differing or ())))


async def compare(
    known: KnownEngine,
    reader: Client | None,
    list_open: Callable[[], Sequence[str]],
    state_of: Callable[[str], CycleState | None],
) -> Compared:
    """Holds the engine against the record.

    Args:
        known: the engine.
        reader: a client with our keys; None where cycles cannot be asked for their revisions.
        list_open: what the record says is open, now.
        state_of: the record's states.
    """
    open_cycles = await asyncio.to_thread(list_open)
    queue = known.names.task_queue if known.shared else None
    missing, unexpected = await running_cycles(known.bare, open_cycles, queue)
    runs = sorted(set(open_cycles) - set(missing))
    differing = None
    has_worker = await polled(known.bare, known.names.task_queue)
    if reader is not None and has_worker:
        differing = await _differing(reader, runs, state_of)
    left = await what_is_left(known, set(open_cycles).__contains__)
    return Compared(known.installation.id, missing, unexpected, differing, len(left.moving & left.plain), has_worker)


async def polled(client: Client, queue: str) -> bool:
    """Whether any worker asks that queue for work."""
    question = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    return bool((await client.workflow_service.describe_task_queue(question)).pollers)


async def _differing(
    client: Client, cycles: Sequence[str], state_of: Callable[[str], CycleState | None]
) -> list[str] | None:
    """Which cycles the engine has at another revision than the record; each is looked at again before it is said."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def differs(cycle_id: str) -> bool:
        for pause in (SETTLING, 0.0):
            async with gate:
                state: CycleState = await client.get_workflow_handle(wire.workflow_id(cycle_id)).query(
                    wire.STATE, result_type=CycleState, rpc_timeout=PATIENCE
                )
            recorded = await asyncio.to_thread(state_of, cycle_id)
            if recorded is None or state.revision == recorded.revision:
                return False
            await asyncio.sleep(pause)
        return True

    try:
        found = await asyncio.gather(*map(differs, cycles))
    except (RPCError, WorkflowQueryFailedError):  # the worker went away, or a cycle ended meanwhile
        return None
    return [cycle for cycle, yes in zip(cycles, found, strict=True) if yes]


async def end_runs(client: Client, cycles: Sequence[str]) -> None:
    """Ends the runs of these cycles, so that they can be started again; whatever only the engine knew is gone."""
    for cycle_id in cycles:
        with suppress(RPCError):  # none is there
            await client.get_workflow_handle(wire.workflow_id(cycle_id)).terminate("started again from the record")


async def readopt_cycles(
    client: Client,
    state_of: Callable[[str], CycleState | None],
    cycles: Sequence[str],
    task_queue: str,
    seen: Callable[[str], Mapping[str, Seen]],
) -> int:
    """Starts cycles at the state the journal holds, with the commands it has seen.

    Returns:
        How many were started; one that runs by now is left alone.
    """
    started = 0
    for cycle_id in cycles:
        state = await asyncio.to_thread(state_of, cycle_id)
        if state is None:
            continue
        known = await asyncio.to_thread(seen, cycle_id)
        started += await start_again(client, state, task_queue, known)
    return started


async def start_again(
    client: Client, state: CycleState, task_queue: str, seen: Mapping[str, Seen], *, instead: bool = False
) -> bool:
    """Starts a cycle at this state; False when it runs already.

    Args:
        client: with our keys.
        state: the cycle as the journal has it.
        task_queue: ours.
        seen: the commands in the journal, so that one that is repeated does nothing twice.
        instead: of the run that is there, which ends.
    """
    conflict = WorkflowIDConflictPolicy.TERMINATE_EXISTING if instead else WorkflowIDConflictPolicy.FAIL
    try:
        await client.start_workflow(
            wire.CYCLE_WORKFLOW,
            wire.CycleInput(snapshot=Snapshot(state=state, seen=dict(seen)), sealed=True),
            id=wire.workflow_id(state.cycle_id),
            task_queue=task_queue,
            task_timeout=wire.TASK_TIMEOUT,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=conflict,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True
