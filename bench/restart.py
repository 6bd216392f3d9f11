"""A worker is killed and comes back to cycles that have just moved: when is a person answered, when is all idle?

In turns, in one run, on the same cycles: with the number of workflow tasks at once that we ship, and with the SDK's
own hundred. `python -m bench.restart --cycles 200 --comments 20 --open 10000`; the open ones beside those that moved
are written as `bench.seeding` does and started again by `spiral readopt`, which is timed too.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlmodel import col, select
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.testing import WorkflowEnvironment

from bench import seeding
from engine.contracts.cycle import workflow_id
from engine.domain.cycle import commands as c
from engine.runtime.embedded.devserver import DYNAMIC_CONFIG, PRAGMAS, find_binary
from engine.store.database import open_database
from engine.store.tables import CycleRow
from tests.support.databases import fresh_sqlite
from tests.support.office import Office, office

OURS, THEIRS = 8, 100
ALL_TO_OPEN = 1.87
"""A seeded city has that many cycles for each that is open."""


async def main() -> None:
    """Prints two lines for each round."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--cycles", type=int, default=200)
    asked.add_argument("--comments", type=int, default=20)
    asked.add_argument("--rounds", type=int, default=2)
    asked.add_argument("--open", type=int, default=0, help="open cycles beside those that move")
    given = asked.parse_args()
    async with whole() as at:
        opened = await _many(at, given.open) if given.open else []
        with worker(at, OURS):
            cycles = opened[: given.cycles] or [await at.start() for _ in range(given.cycles)]
            for first in range(0, len(cycles), 16):
                await asyncio.gather(*(_move(at, cycle, given.comments) for cycle in cycles[first : first + 16]))
        for number in range(given.rounds):
            for tasks in (OURS, THEIRS) if number % 2 == 0 else (THEIRS, OURS):
                with worker(at, tasks):
                    answer, idle = await measured(at, cycles)
                print(
                    f"{tasks} tasks at once: first answer after {answer:.1f} s, idle after {idle:.1f} s", flush=True
                )


async def _many(at: Office, wanted: int) -> list[str]:
    """Some open cycles which the engine knows and which nothing has moved lately."""
    seeding.seed(at.database, round(wanted * ALL_TO_OPEN))
    with at.database.connect() as connection:
        listed = select(CycleRow.id).where(col(CycleRow.status).in_(("active", "on_hold"))).order_by(CycleRow.id)
        opened = list(connection.execute(listed).scalars())
    begun = time.monotonic()
    command = [sys.executable, "-m", "api.cli.main", "readopt"]
    environment = os.environ | at.settings.environment()
    await asyncio.to_thread(subprocess.run, command, env=environment, stderr=subprocess.DEVNULL, check=True)
    readopted = time.monotonic() - begun
    with worker(at, OURS):
        while await _waiting(at):  # noqa: ASYNC110 - the engine tells nobody
            await asyncio.sleep(2)
    idle = time.monotonic() - begun
    print(f"{len(opened)} open cycles: readopted in {readopted:.0f} s, idle after {idle:.0f} s", flush=True)
    return opened


async def _waiting(at: Office) -> int:
    """How many workflow tasks wait for a worker, as the queue tells it."""
    total = 0
    for _ in range(2):
        asked = DescribeTaskQueueRequest(
            namespace=at.client.namespace,
            task_queue=TaskQueue(name=at.names.task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            report_stats=True,
        )
        described = await at.client.workflow_service.describe_task_queue(asked)
        total += described.stats.approximate_backlog_count
        await asyncio.sleep(2)
    return total


async def _move(at: Office, cycle: str, comments: int) -> None:
    owner = at.state(cycle).owner
    for number in range(comments):
        await at.give(cycle, owner, c.Comment(text=f"comment {number}"))


async def measured(at: Office, cycles: Sequence[str]) -> tuple[float, float]:
    """Seconds until a comment is answered and until no cycle has a task left, from the worker's start on."""
    begun = time.monotonic()
    await at.give(cycles[-1], at.state(cycles[-1]).owner, c.Comment(text="もう動くか"))
    answered = time.monotonic() - begun
    while await _busy(at, cycles):  # noqa: ASYNC110 - the engine tells nobody
        await asyncio.sleep(0.5)
    return answered, time.monotonic() - begun


async def _busy(at: Office, cycles: Sequence[str]) -> bool:
    """Whether a cycle waits for a worker; asked twice, since the worker tells the next ones a moment later."""
    for _ in range(2):
        for cycle in cycles:
            described = await at.client.get_workflow_handle(workflow_id(cycle)).describe()
            if described.raw_description.HasField("pending_workflow_task"):
                return True
        await asyncio.sleep(1)
    return False


@asynccontextmanager
async def whole() -> AsyncIterator[Office]:
    """An engine and a database on disk, both synced in full, as `spiral up` has them."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        extra = [word for one in PRAGMAS for word in ("--sqlite-pragma", one)]
        extra += [word for one in DYNAMIC_CONFIG for word in ("--dynamic-config-value", one)]
        environment = await WorkflowEnvironment.start_local(
            dev_server_existing_path=str(find_binary()),
            dev_server_database_filename=str(place / "temporal.db"),
            dev_server_extra_args=extra,
        )
        async with environment:
            address = environment.client.service_client.config.target_host
            url = fresh_sqlite(place)
            yield office(environment.client, open_database(url), database_url=url, temporal_address=address)


@contextmanager
def worker(at: Office, tasks: int) -> Iterator[None]:
    """A worker of its own process, which dies hard in the end."""
    environment = at.settings.environment() | {"SPIRAL_WORKFLOW_TASKS": str(tasks)}
    command = [sys.executable, "-m", "api.cli.main", "worker"]
    running = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()


if __name__ == "__main__":
    asyncio.run(main())
