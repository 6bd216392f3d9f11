"""A cluster to try: `python -m tests.cluster` starts it, says where it listens, and runs it until Ctrl-C.

`--rounds N` lets clients work on it and does every fault N times meanwhile; it prints what was answered, for how long
nobody was, and what `verify` says, and ends with 1 if anything does not hold.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.cluster import faults
from tests.cluster.load import under
from tests.cluster.shape.programs import missing
from tests.cluster.shape.whole import Shape, shape


def main() -> int:
    """The exit code."""
    asked = argparse.ArgumentParser(
        prog="python -m tests.cluster", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    asked.add_argument("--rounds", type=int, default=0, help="so many times every fault, under load; then it ends")
    asked.add_argument("--walkers", type=int, default=6, help="clients that work at once")
    given = asked.parse_args()
    if lacks := missing():
        sys.stderr.write(f"{lacks}\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="spiral-cluster-") as folder, shape(Path(folder)) as found:
        _listening(found)
        if not given.rounds:
            return _until_stopped()
        begun = time.monotonic()
        ran = asyncio.run(under(found, faults.ALL * given.rounds, walkers=given.walkers))
        sys.stdout.write(f"{ran.said()}\nseconds {time.monotonic() - begun:.0f}\n")
        return 1 if ran.wrong or any(one.faulty for one in ran.answers) else 0


def _listening(found: Shape) -> None:
    sys.stdout.write(
        f"city       {found.url} (authority {found.authority.folder / 'ca.pem'})\n"
        f"Temporal   {found.temporal.address}\n"
        f"PostgreSQL {found.database.place}\n"
        f"logs       {found.processes.logs}\n"
        "ready; Ctrl-C ends it\n"
    )
    sys.stdout.flush()


def _until_stopped() -> int:
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


if __name__ == "__main__":
    sys.exit(main())
