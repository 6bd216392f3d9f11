"""Is the record checked and made anew at the same speed and in the same memory at any size?

Each figure comes from a process of its own, on a city of its own: events a second of CPU time, and the largest
memory. `python -m bench.at_size --cycles 400 4000 --postgresql`.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.seeding import seed
from engine.store.database import open_database
from engine.store.record import verify as check
from tests.support.databases import fresh_postgres, fresh_sqlite, postgres_cluster

DOES = ("seed", "verify", "rebuild")
MEGABYTE = 1024
"""The kernel counts the largest memory in KiB."""


def main() -> None:
    """One line for each kind of database, size and deed."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--cycles", type=int, nargs="+", default=[200, 800])
    asked.add_argument("--postgresql", action="store_true")
    asked.add_argument("--does", help=argparse.SUPPRESS)
    asked.add_argument("--url", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.does:
        print(json.dumps(measured(given.does, given.url, given.cycles[0])))
        return
    rates: dict[str, list[float]] = {}
    for cycles in given.cycles:
        with fresh(postgresql=given.postgresql) as url:
            for does in DOES:
                found = elsewhere(does, url, cycles)
                rate = found["events"] / found["seconds"]
                rates.setdefault(does, []).append(rate)
                print(
                    f"{cycles} cycles, {found['events']} events: {does} {found['seconds']:.1f} s of CPU, "
                    f"{rate:.0f} events a second, {found['memory']} MB"
                )
    for does, told in rates.items():
        print(f"{does}: the largest city at {told[-1] / told[0]:.2f} of the smallest one's speed")


@contextmanager
def fresh(*, postgresql: bool) -> Iterator[str]:
    """An empty database of its own."""
    if postgresql:
        with postgres_cluster() as cluster:
            yield fresh_postgres(cluster)
        return
    with tempfile.TemporaryDirectory() as folder:
        yield fresh_sqlite(Path(folder))


def elsewhere(does: str, url: str, cycles: int) -> dict[str, float]:
    """What another process measured, so that nobody else's memory is in it."""
    command = [sys.executable, "-m", "bench.at_size", "--does", does, "--url", url, "--cycles", str(cycles)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(does: str, url: str, cycles: int) -> dict[str, float]:
    """Does it once."""
    database = open_database(url)
    begun = time.process_time()
    if does == "seed":
        seed(database, cycles)
    elif does == "verify":
        assert check.verify(database).faults == ()
    else:
        check.rebuild(database)
    seconds = time.process_time() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEGABYTE
    return {"events": check.events_in(database), "seconds": seconds, "memory": memory}


if __name__ == "__main__":
    main()
