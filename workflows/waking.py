"""Follows the journal and wakes whoever delivers what is in it; starts them where they do not run.

Every worker does this, so that one is enough. A wake-up too many does no harm: what is to be done stands in SQL.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from temporalio.client import Client

from engine.contracts import delivery as wire
from engine.contracts import milestones
from engine.contracts.installation import EngineNames

PAUSE = 0.5
"""Seconds between looks at the journal."""
ROUND = 30.0
"""Seconds after which all are looked at, whether or not the journal has grown."""

HOUR = 3600.0
SLOW = 3.0
"""Seconds between looks at the roadmap, which changes rarely."""

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
