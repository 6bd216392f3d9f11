"""`spiral …` in a process of its own that need not load itself first: most of a short command is loading.

One process loads the command line and waits; each command is a fork of it, with its own environment, working
directory and streams, and ends as `spiral` ends. It cannot show that a command loads what it needs: `up`, its parts,
what a guide or a script types and what `tests/runtime` tries are started as people start them.
"""

import array
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

READY = b"r"
_PLACE = "commands"


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
    asked = {"words": words, "env": dict(os.environ if env is None else env), "cwd": str(cwd or Path.cwd())}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.connect(_commands())
            streams = array.array("i", [output.fileno(), errors.fileno()])
            line.sendmsg([READY], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
            line.sendall(json.dumps(asked).encode())
            line.shutdown(socket.SHUT_WR)
            with line.makefile("r", encoding="ascii") as told:
                number = int(told.readline())
                line.settimeout(timeout)
                try:
                    code = int(told.readline())
                except TimeoutError:
                    os.kill(number, signal.SIGKILL)
                    raise subprocess.TimeoutExpired(["spiral", *words], timeout) from None
        said = [stream.seek(0) or stream.read().decode("utf-8") for stream in (output, errors)]
    return subprocess.CompletedProcess(["spiral", *words], code, *said)


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
