"""Takes over what still runs as it did before installations had ids and payloads were sealed.

Cycles go on under their own ids: each is asked to continue as new on our queue, where it takes sealed payloads only.
Deliveries, notices and milestones end after what is under way and are started anew under names that carry the id; how
far they are stands in SQL, so nothing is lost or done twice. Until then somebody must ask the old queue for work too.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass

import structlog
from temporalio.client import WorkflowExecution
from temporalio.service import RPCError

from engine.contracts import cycle as wire
from engine.contracts.delivery import DELIVERY_WORKFLOW, NOTICES_WORKFLOW
from engine.contracts.engines import KnownEngine, OpenEngine
from engine.contracts.installation import RETIRE
from engine.contracts.milestones import MILESTONES_WORKFLOW

SOON, LATER = 2.0, 60.0
"""Seconds between looks: while something is left, and when nothing is."""
_OTHERS = (DELIVERY_WORKFLOW, NOTICES_WORKFLOW, MILESTONES_WORKFLOW)
TYPES = ", ".join(f'"{name}"' for name in (wire.CYCLE_WORKFLOW, *_OTHERS))
_RUNNING = f'ExecutionStatus = "Running" AND WorkflowType IN ({TYPES})'

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Left:
    """What is not as it should be yet, as workflow ids.

    Attributes:
        plain: began before payloads were sealed.
        moving: cycles that must continue as new.
        retiring: runs under old names.
        queues: where they ask for work, without our own queue.
    """

    plain: frozenset[str] = frozenset()
    moving: frozenset[str] = frozenset()
    retiring: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.moving or self.retiring)


async def what_is_left(known: KnownEngine, is_ours: Callable[[str], bool]) -> Left:
    """Looks through the running workflows.

    Args:
        known: the engine.
        is_ours: whether the record knows the cycle of that id.
    """
    runs = [run async for run in known.bare.list_workflows(_RUNNING)]
    since, queue = known.installation.sealed_since, known.names.task_queue
    plain = [run for run in runs if since is not None and run.start_time < since]
    cycles = [run for run in runs if run.workflow_type == wire.CYCLE_WORKFLOW]
    stray = {run.id: run for run in (*plain, *(run for run in cycles if run.task_queue != queue))}
    alone = frozenset() if known.shared else _ids(plain)  # then even what is not recorded yet can only be ours
    asked = [run for run in cycles if run.id in stray]
    ours = await asyncio.to_thread(
        lambda: [run for run in asked if run.id in alone or is_ours(wire.cycle_id_of(run.id))]
    )
    old = [run for run in runs if run.workflow_type != wire.CYCLE_WORKFLOW and known.names.are_old(run.id)]
    queues = {run.task_queue for run in (*ours, *old)} - {queue}
    return Left(_ids(plain), _ids(ours), _ids(old), frozenset(queues))


def _ids(runs: Iterable[WorkflowExecution]) -> frozenset[str]:
    return frozenset(run.id for run in runs)


async def nudge(engine: OpenEngine, left: Left) -> None:
    """Asks each to move or to end; one that has meanwhile is left alone."""
    for workflow_id in sorted(left.moving):
        with suppress(RPCError):
            await engine.client.get_workflow_handle(workflow_id).signal(wire.MOVE, engine.names.task_queue)
    for workflow_id in sorted(left.retiring):
        with suppress(RPCError):
            await engine.client.get_workflow_handle(workflow_id).signal(RETIRE)


async def take_over(
    engine: OpenEngine,
    look: Callable[[], Coroutine[None, None, Left]],
    poll: Callable[[str], Coroutine[None, None, None]],
    left: Left,
    retired: asyncio.Event,
) -> None:
    """Goes on until cancelled; polls old queues as long as something of ours is there.

    Args:
        engine: ours; its `plain` shrinks with what is left.
        look: finds what is left.
        poll: works for a queue until cancelled.
        left: what was found before the first worker began.
        retired: set once nothing runs under an old name any more, so that no two do the same work.
    """
    polling: dict[str, asyncio.Task[None]] = {}
    try:
        while True:
            for queue in left.queues - set(polling):
                polling[queue] = asyncio.create_task(poll(queue))
            if not left.retiring:
                retired.set()
            if left:
                log.info("taking over", cycles=len(left.moving), others=len(left.retiring), plain=len(left.plain))
            await nudge(engine, left)
            await asyncio.sleep(SOON if left else LATER)
            left = await _again(look, left)
            engine.plain.intersection_update(left.plain)
            for queue in set(polling) - left.queues:
                await _ended(polling.pop(queue))
    finally:
        for task in polling.values():
            await _ended(task)


async def _again(look: Callable[[], Coroutine[None, None, Left]], before: Left) -> Left:
    try:
        return await look()
    except RPCError:  # the engine is away, so nothing has moved meanwhile
        return before


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
