"""Commands a second through our gateway against bare Temporal, alternating rounds in one run.

Ours decides, journals with a hash chain, projects and keeps the inbox; bare is one Update and one local activity that
does nothing. The figures of one machine mean little; the ratio is what to look at.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from bench.bare import BareWorkflow
from engine.domain.cycle import commands as c
from engine.runtime.embedded.devserver import DYNAMIC_CONFIG, PRAGMAS, find_binary
from engine.store.database import open_database
from tests.support import city
from tests.support.databases import fresh_sqlite
from tests.support.office import Office, office

Give = Callable[[int], Awaitable[object]]
EACH = 8
"""Commands for each cycle or workflow, as in the measurements the house was planned with."""


@dataclass(frozen=True)
class Round:
    """What one round measured: commands a second, and the median answer in milliseconds."""

    rate: float
    p50: float


async def measured(clients: int, commands: int, cycle: Callable[[], Awaitable[Give]]) -> Round:
    """`clients` at once, each through its share of cycles, which are started before the clock is."""
    took: list[float] = []
    share = max(1, commands // EACH // clients)

    async def started() -> list[Give]:
        return [await cycle() for _ in range(share)]

    async def one(mine: list[Give]) -> None:
        for give in mine:
            for number in range(EACH):
                begun = time.perf_counter()
                await give(number)
                took.append(time.perf_counter() - begun)

    shares = await asyncio.gather(*(started() for _ in range(clients)))
    begun = time.perf_counter()
    await asyncio.gather(*map(one, shares))
    wall = time.perf_counter() - begun
    return Round(len(took) / wall, statistics.median(took) * 1000)


def bare_cycle(client: Client, queue: str) -> Callable[[], Awaitable[Give]]:
    async def begin() -> Give:
        handle = await client.start_workflow(BareWorkflow.run, id=f"bare-{uuid4().hex}", task_queue=queue)
        return lambda number: handle.execute_update("ask", f"comment {number}")

    return begin


def our_cycle(at: Office) -> Callable[[], Awaitable[Give]]:
    async def begin() -> Give:
        cycle = await at.start()
        return lambda number: at.give(cycle, city.OWNER, c.Comment(text=f"comment {number}"))

    return begin


async def compare(clients: int, commands: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        pragmas = [word for pragma in PRAGMAS for word in ("--sqlite-pragma", pragma)]
        tuning = [word for value in DYNAMIC_CONFIG for word in ("--dynamic-config-value", value)]
        environment = await WorkflowEnvironment.start_local(
            dev_server_existing_path=str(find_binary()),
            dev_server_database_filename=str(place / "temporal.db"),
            dev_server_extra_args=[*pragmas, *tuning],
        )
        async with environment:
            address = environment.client.service_client.config.target_host
            url = fresh_sqlite(place)
            at = office(environment.client, open_database(url), database_url=url, temporal_address=address)
            ours = (sys.executable, "-m", "api.cli.main", "worker")
            with process(*ours, **at.settings.environment()), process(sys.executable, "-m", "bench.bare", address):
                await show(at, clients, commands, rounds)


@contextmanager
def process(*command: str, **environment: str) -> Iterator[None]:
    """A worker beside this process, as in production; ended with the block."""
    running = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.terminate()
        running.wait(timeout=20)


async def show(at: Office, clients: int, commands: int, rounds: int) -> None:
    kinds = {"bare": bare_cycle(at.client, "bare"), "ours": our_cycle(at)}
    for begin in kinds.values():
        await measured(clients, EACH * clients, begin)  # warm
    found: dict[str, list[Round]] = {name: [] for name in kinds}
    for number in range(rounds):
        for name in sorted(kinds, reverse=bool(number % 2)):
            found[name].append(await measured(clients, commands, kinds[name]))
    medians = {name: statistics.median(one.rate for one in many) for name, many in found.items()}
    for name, many in found.items():
        p50 = statistics.median(one.p50 for one in many)
        print(f"{clients:4} clients  {name}  {medians[name]:7.1f} commands/s  p50 {p50:6.1f} ms")
    print(f"{clients:4} clients  ours / bare = {medians['ours'] / medians['bare']:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 32])
    parser.add_argument("--commands", type=int, default=768)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    for clients in given.clients:
        asyncio.run(compare(clients, given.commands if clients > 1 else given.commands // 4, given.rounds))


if __name__ == "__main__":
    main()
