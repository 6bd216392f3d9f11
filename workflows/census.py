"""Which cycles does the engine run? Compares it with the record, and starts again what it has lost."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from engine.contracts import cycle as wire
from engine.domain.desk import Snapshot
from engine.domain.state import CycleState

RUNNING = f'WorkflowType = "{wire.CYCLE_WORKFLOW}" AND ExecutionStatus = "Running"'
AT_ONCE = 20
"""Questions to the engine at the same time."""


async def running_cycles(client: Client, open_cycles: Iterable[str]) -> tuple[list[str], list[str]]:
    """Compares the engine with the cycles that the record says are open.

    The engine's list may lag by a moment, so each difference is asked about once more by id.

    Returns:
        The open cycles that the engine does not run, and those it runs though they are not open.
    """
    running = {wire.cycle_id_of(one.id) async for one in client.list_workflows(RUNNING)}
    recorded = set(open_cycles)
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


async def readopt_cycles(
    client: Client, state_of: Callable[[str], CycleState | None], cycles: Sequence[str], task_queue: str
) -> int:
    """Starts cycles at the state the journal holds.

    Returns:
        How many were started; one that runs by now is left alone.
    """
    started = 0
    for cycle_id in cycles:
        state = await asyncio.to_thread(state_of, cycle_id)
        started += state is not None and await start_again(client, state, task_queue)
    return started


async def start_again(client: Client, state: CycleState, task_queue: str) -> bool:
    """Starts a cycle at this state; False when it runs already."""
    try:
        await client.start_workflow(
            wire.CYCLE_WORKFLOW,
            wire.CycleInput(snapshot=Snapshot(state=state)),
            id=wire.workflow_id(state.cycle_id),
            task_queue=task_queue,
            task_timeout=wire.TASK_TIMEOUT,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True
