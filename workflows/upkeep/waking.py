"""Follows the journal and wakes whoever delivers what is in it; starts them where they do not run.

Every worker does this, so that one is enough. A wake-up too many does no harm: what is to be done stands in SQL.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from engine.contracts import delivery as wire
from engine.contracts import milestones
from engine.contracts.cycle import CATCH_UP, workflow_id
from engine.contracts.engines import OpenEngine
from engine.contracts.installation import EngineNames

PAUSE = 0.5
"""Seconds between looks at the journal."""
ROUND = 30.0
"""Seconds after which all are looked at, whether or not the journal has grown."""

HOUR = 3600.0
SLOW = 3.0
"""Seconds between looks at the roadmap, which changes rarely."""

NUDGED_AGAIN = (0.5, 2.0, 5.0)
"""Seconds until a cycle is told again when the engine was away."""
BATCH = 8
"""Cycles that are told at once. Each may have to be replayed, and people wait behind them, so the next ones are told
only when these are through."""
THROUGH, LOOK = 10.0, 0.05
"""Seconds that a batch gets before the next one begins all the same, and between looks at it."""

log = structlog.get_logger(__name__)


async def wake_delivery(client: Client, webhook_id: str, names: EngineNames) -> None:
    """Has a webhook's deliveries look again, and starts them if they do not run."""
    await client.start_workflow(
        wire.DELIVERY_WORKFLOW,
        wire.DeliveryInput(webhook_id=webhook_id),
        id=names.delivery(webhook_id),
        task_queue=names.task_queue,
        start_signal=wire.WAKE,
    )


async def wake_notices(client: Client, names: EngineNames) -> None:
    """Has the notices looked at, and starts their run if there is none."""
    await client.start_workflow(
        wire.NOTICES_WORKFLOW, id=names.notices, task_queue=names.task_queue, start_signal=wire.WAKE
    )


async def wake_milestones(client: Client, startups: Sequence[str], names: EngineNames) -> None:
    """Has the milestones of these startups looked at, and starts following those that are not followed yet."""
    for startup in startups:
        await client.start_workflow(
            milestones.MILESTONES_WORKFLOW,
            milestones.MilestonesInput(startup=startup),
            id=names.milestones(startup),
            task_queue=names.task_queue,
            start_signal=milestones.WAKE,
        )


async def wake_missing(engine: OpenEngine, startups: Sequence[str]) -> None:
    """Starts the notices' and the milestones' runs that are not there; those that run are left alone."""
    if not await _is_there(engine.known.bare, engine.names.notices):
        await wake_notices(engine.client, engine.names)
    missing = [one for one in startups if not await _is_there(engine.known.bare, engine.names.milestones(one))]
    await wake_milestones(engine.client, missing, engine.names)


async def _is_there(client: Client, workflow: str) -> bool:
    try:
        found = await client.get_workflow_handle(workflow).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return found.status is WorkflowExecutionStatus.RUNNING


async def follow(
    position: Callable[[], int], wake: Callable[[], Awaitable[None]], pause: float = PAUSE, at_least: float = ROUND
) -> None:
    """Calls `wake` when the journal has grown, and once in a while in any case, until cancelled.

    Args:
        position: where the journal ends; may block.
        wake: wakes all that have something to do.
        pause: seconds between looks.
        at_least: seconds after which it is called in any case.
    """
    seen, looked_at = -1, 0.0
    clock = asyncio.get_running_loop().time
    while True:
        try:
            end = await asyncio.to_thread(position)
            if end != seen or clock() - looked_at > at_least:
                await wake()
                seen, looked_at = end, clock()
        except Exception as error:  # noqa: BLE001 - database or engine away: the next look is soon
            log.warning("cannot follow the journal", reason=str(error)[:200])
        await asyncio.sleep(pause)


async def wake_all(
    client: Client, names: EngineNames, behind: Callable[[], Sequence[str]], unsorted: Callable[[], bool]
) -> None:
    """Wakes the webhooks that could be given something now, and the notices when there are new ones."""
    for webhook_id in await asyncio.to_thread(behind):
        await wake_delivery(client, webhook_id, names)
    if await asyncio.to_thread(unsorted):
        await wake_notices(client, names)


async def nudge(client: Client, cycles: Sequence[str]) -> int:
    """Tells cycles that the journal may hold more than they know; those that have ended are left alone.

    A crash between the journal's commit and the end of a workflow task leaves an event that the engine never heard
    of (ADR 0004). Whoever asked may not ask again, so the cycle is told without being asked.

    Returns:
        How many were told.

    Raises:
        RPCError: the engine is away, however often it was asked; whoever is not told yet is told next time.
    """
    told = 0
    for first in range(0, len(cycles), BATCH):
        batch = cycles[first : first + BATCH]
        took = await asyncio.gather(*(_told(client, one) for one in batch))
        told += sum(took)
        await asyncio.gather(
            *(through(client, workflow_id(one)) for one, yes in zip(batch, took, strict=True) if yes)
        )
    return told


async def _told(client: Client, cycle_id: str) -> bool:
    """False when it does not run: ended, or never there; `spiral verify` tells the two apart."""
    handle = client.get_workflow_handle(workflow_id(cycle_id))
    for pause in (*NUDGED_AGAIN, None):
        try:
            await handle.signal(CATCH_UP)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                log.debug("no nudge", cycle=cycle_id)
                return False
            log.warning("the engine does not take a nudge", cycle=cycle_id, reason=error.status.name)
            if pause is None:
                raise
            await asyncio.sleep(pause)
        else:
            return True
    return False


async def through(client: Client, workflow: str) -> None:
    """Waits until no worker has to think about that run any more, but not for ever; asks the engine alone."""
    handle = client.get_workflow_handle(workflow)
    deadline = asyncio.get_running_loop().time() + THROUGH
    while asyncio.get_running_loop().time() < deadline:
        try:
            if not (await handle.describe()).raw_description.HasField("pending_workflow_task"):
                return
        except RPCError:  # away, or gone: the next batch will see
            return
        await asyncio.sleep(LOOK)
