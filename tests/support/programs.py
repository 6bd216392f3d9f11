"""Programs that are no part of the environment: run where they are, and said in words where they are not."""

import os
import shutil
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


def found(name: str, package: str) -> str | None:
    """Where a program is, or None and a word of what is not tried without it. CI installs them: `.ci/run`."""
    place = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if place is None:
        warnings.warn(f"{name} is not here, so nothing is run with it ({package})", stacklevel=2)
    return place


@contextmanager
def at_work(
    command: Sequence[str], ready: Callable[[], bool], folder: Path, within: float = 20
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that stays, from when it is ready (seconds at most) until the block ends."""
    log = folder / "program.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
        try:
            end = time.monotonic() + within
            while not ready():
                assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
                assert time.monotonic() < end, log.read_text(encoding="utf-8", errors="replace")
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=120)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
