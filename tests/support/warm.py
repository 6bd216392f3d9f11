"""`spiral …` in a process of its own that need not load itself first: most of a short command is loading.

One process loads the command line and waits; each command is a fork of it, with its own environment, working
directory and streams, and ends as `spiral` ends. `up` forks its parts in the same way (`warm_parts`). It cannot show
that a command loads what it needs: what README types, and what a few tests of `tests/runtime` and `tests/e2e` try,
are started as people start them.
"""

import atexit
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, Self

from tests.support import warm_line
from tests.support.warm_line import READY, Line

_PLACE = "commands"


class Started:
    """A command that goes on; as `subprocess.Popen` gives it, with its output in a pipe.

    Args:
        words: what follows `spiral`.
        env: its whole environment; ours unless given.
        errors: where its errors go; to ours unless given.
    """

    def __init__(self, *words: str, env: Mapping[str, str] | None = None, errors: IO[str] | None = None) -> None:
        reading, writing = os.pipe()
        streams = (writing, 2 if errors is None else errors.fileno())
        try:
            self._line = Line(_commands(), words, os.environ if env is None else env, str(Path.cwd()), streams)
        finally:
            os.close(writing)
        self.args = ["spiral", *words]
        self.pid = self._line.pid
        self.returncode: int | None = None
        self.stdout = os.fdopen(reading, encoding="utf-8")

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code; waits so many seconds at most.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        if self.returncode is None:
            try:
                self.returncode = self._line.code(timeout)
            except TimeoutError:
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            self._line.close()
        return self.returncode

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: int) -> None:
        """A signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it at once."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stdout.close()
        self.wait()


Process = subprocess.Popen[str] | Started
"""A command that goes on, whether it loaded itself or not."""


def spiral(
    *words: str, env: Mapping[str, str] | None = None, cwd: Path | None = None, timeout: float = 120
) -> "subprocess.CompletedProcess[str]":
    """One command of the command line, as `subprocess.run` gives it.

    Args:
        words: what follows `spiral`.
        env: its whole environment; ours unless given.
        cwd: its working directory; ours unless given.
        timeout: seconds until it is killed.

    Raises:
        subprocess.TimeoutExpired: it did not end by itself.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        streams = (output.fileno(), errors.fileno())
        line = Line(_commands(), words, os.environ if env is None else env, str(cwd or Path.cwd()), streams)
        try:
            code = line.code(timeout)
        except TimeoutError:
            os.kill(line.pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(["spiral", *words], timeout) from None
        finally:
            line.close()
        said = [stream.seek(0) or stream.read().decode("utf-8") for stream in (output, errors)]
    return subprocess.CompletedProcess(["spiral", *words], code, *said)


def program(place: Path) -> None:
    """Puts `spiral` there, for whoever types it in a shell."""
    bare = f'exec "{sys.executable}" -I -S "{warm_line.__file__}" "{_commands()}" "$@"'
    place.write_text(f"#!/bin/sh\n{bare}\n", encoding="utf-8")
    place.chmod(0o755)


@cache
def _commands() -> str:
    """Where the process that waits listens; started once, and ended with ours."""
    folder = tempfile.mkdtemp(prefix="spiral-warm-")
    place = str(Path(folder) / _PLACE)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SPIRAL_")}
    waiting = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.support.warm_commands", place],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=plain | {"OPENBLAS_NUM_THREADS": "1"},  # numpy, which openpyxl loads, would start threads at once
    )  # fmt: skip

    def end() -> None:
        waiting.kill()
        waiting.wait()
        Path(place).unlink(missing_ok=True)
        Path(folder).rmdir()

    atexit.register(end)
    assert waiting.stdout is not None
    assert waiting.stdout.read(1) == READY
    return place
