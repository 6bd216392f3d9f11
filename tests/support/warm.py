"""`spiral …` in a process of its own that need not load itself first: most of a short command is loading.

One process loads the command line and waits; each command is a fork of it, with its own environment, working
directory and streams, and ends as `spiral` ends. `up` forks its parts in the same way (`warm_parts`). It cannot show
that a command loads what it needs: what README types, and what a few tests of `tests/runtime` and `tests/e2e` try,
are started as people start them.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Self

from tests.support import warm_line
from tests.support.warm_line import COMMANDS, READY, TESTS, Line

_THERE = "SPIRAL_TESTS_COMMANDS"
"""The setting that says where the run's commands are forked."""


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
    place.write_text(f'#!/bin/sh\nexec {_asking(_commands())} "$@"\n', encoding="utf-8")
    place.chmod(0o755)


def process_of_tests(arguments: Sequence[str]) -> str | None:
    """The python, with its arguments, that is a process of this test run which has collected the tests already.

    None where the tests cannot be collected, which whoever collects them for itself tells better, and where no fork
    is to be had.

    Args:
        arguments: of this run.
    """
    if sys.platform != "linux":
        return None
    folder, ready = _waiting("tests.support.warm_tests", [], os.environ, arguments)
    if ready != READY * 2:
        return None
    os.environ[_THERE] = str(folder / COMMANDS)
    return _asking(str(folder / TESTS))


@cache
def _commands() -> str:
    """Where the process that waits listens; the whole run's, or one that is started once and ended with ours."""
    if _THERE in os.environ:
        return os.environ[_THERE]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SPIRAL_")}
    folder, ready = _waiting("tests.support.warm_commands", ["-W", "ignore"], plain, ())
    assert ready == READY
    return str(folder / COMMANDS)


def _asking(place: str) -> str:
    return f'"{sys.executable}" -I -S "{warm_line.__file__}" "{place}"'


def _waiting(
    module: str, options: Sequence[str], env: Mapping[str, str], arguments: Sequence[str]
) -> tuple[Path, bytes]:
    """Starts a process that loads itself; gives its folder and what it said until it was ready."""
    folder = Path(tempfile.mkdtemp(prefix="spiral-warm-"))
    waiting = subprocess.Popen(
        [sys.executable, *options, "-m", module, str(folder), *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**env, "OPENBLAS_NUM_THREADS": "1"},  # numpy, which openpyxl loads, would start threads at once
    )  # fmt: skip

    def end() -> None:
        waiting.kill()
        waiting.wait()
        shutil.rmtree(folder)

    atexit.register(end)
    assert waiting.stdout is not None
    return folder, waiting.stdout.read()
