"""A process that has loaded itself and forks for whoever asks: what listens behind `warm_line.Line`."""

import array
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

STREAMS = 3
"""Input, output and errors: no fork is handed more."""
Run = Callable[[Sequence[str], Sequence[int]], NoReturn]
"""What a fork does, given its words and the streams that it was handed; environment and directory are as asked."""


def load(modules: Iterable[str]) -> None:
    """Loads them, and never looks through them for garbage again."""
    gc.disable()
    with warnings.catch_warnings():  # of other people's modules, of which one insists
        warnings.showwarning = lambda *_, **__: None  # type: ignore[assignment]
        for module in modules:
            importlib.import_module(module)
    gc.freeze()
    gc.enable()


def serve(place: str, run: Run) -> None:
    """Listens at that place and forks for each that asks, until standard input ends; nobody waits for those forks."""
    threads = len(list(Path("/proc/self/task").iterdir())) if sys.platform == "linux" else threading.active_count()
    assert threads == 1, "a fork would leave what another thread holds locked for ever"
    ends, stop = (signal.signal(number, signal.SIG_IGN) for number in (signal.SIGCHLD, signal.SIGINT))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(place)
        listening.listen(64)
        sys.stdout.buffer.write(b"r")
        sys.stdout.flush()
        into((os.open(os.devnull, os.O_WRONLY),), (1,))  # whoever reads there reads to the end
        while select.select([listening, sys.stdin], [], [])[0] == [listening]:  # the other end closes with the tests
            line, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                signal.signal(signal.SIGCHLD, ends)
                _answer(line, run, stop)
            line.close()


def into(streams: Sequence[int], numbers: Sequence[int]) -> None:
    """Puts the streams where a program looks for them."""
    for given, wanted in zip(streams, numbers, strict=True):
        os.dup2(given, wanted)


def _answer(line: socket.socket, run: Run, stop: Any) -> NoReturn:
    """Starts what is asked for, tells its pid, waits for it, tells its code; Ctrl-C is for what was started alone."""
    with line:
        streams = array.array("i")
        _, beside, _, _ = line.recvmsg(1, socket.CMSG_SPACE(STREAMS * streams.itemsize))
        streams.frombytes(beside[0][2])
        with line.makefile("rb") as asking:
            asked: dict[str, Any] = json.loads(asking.read())
        number = os.fork()
        if number == 0:
            line.close()
            signal.signal(signal.SIGINT, stop)
            os.umask(asked["umask"])
            os.environ.clear()
            os.environ.update(asked["env"])
            os.chdir(asked["cwd"])
            run(asked["words"], streams)
        line.sendall(f"{number}\n".encode())
        _, status = os.waitpid(number, 0)
        with suppress(BrokenPipeError):  # whoever killed it does not ask any more
            line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)
