"""What can befall a cluster: each part of it dies and comes back, and the database goes away."""

import asyncio

from tests.cluster.load import Fault
from tests.cluster.shape.temporal import SERVICES
from tests.cluster.shape.whole import APIS, WORKERS, Shape

AWAY = 3.0
"""Seconds until what died is started again."""


def _dies(*names: str) -> Fault:
    async def fault(shape: Shape) -> None:
        await asyncio.to_thread(shape.processes.kill, *names)
        await asyncio.sleep(AWAY)
        for name in names:
            shape.processes.again(name)

    fault.__name__ = f"{'_and_'.join(names)}_died"
    return fault


EACH_PART: list[Fault] = [
    *(_dies(f"temporal-{service}") for service in SERVICES),
    _dies(*(f"temporal-{service}" for service in SERVICES)),
    _dies(WORKERS[0]),
    _dies(*WORKERS),
    _dies(APIS[0]),
]
EACH_PART[len(SERVICES)].__name__ = "temporal_died"


async def database_stopped_hard(shape: Shape) -> None:
    """Both the engine's and ours, for some seconds."""
    await asyncio.to_thread(shape.database.cluster.stop)
    await asyncio.sleep(AWAY)
    await asyncio.to_thread(shape.database.cluster.start)


async def both_apis_died(shape: Shape) -> None:
    """Nobody is left behind the proxy for a while."""
    await asyncio.to_thread(shape.processes.kill, *APIS)
    await asyncio.sleep(AWAY)
    for name in APIS:
        shape.processes.again(name)


async def one_api_and_one_worker_ended_in_order(shape: Shape) -> None:
    """As a deploy does it: the other ones go on."""
    for name in (APIS[1], WORKERS[1]):
        await asyncio.to_thread(shape.processes.end, name)
        shape.processes.again(name)


ALL: list[Fault] = [*EACH_PART, database_stopped_hard, both_apis_died, one_api_and_one_worker_ended_in_order]
"""Every fault once."""
