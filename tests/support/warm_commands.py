"""The process behind `warm.spiral`: loads the command line once, then forks for each command it is asked for."""

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
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

LOADED = (
    "api.cli.main", "api.app", "workflows.worker", "engine.exchange.backup.backup", "engine.exchange.backup.offline",
    "engine.exchange.organisation_import", "engine.store.record.verify", "engine.store.record.upgrade",
    "api.cli.operate.sample", "uvicorn", "tests.support.warm_parts",
)  # fmt: skip
"""What commands load, most of it; the rest each loads by itself."""


def main(place: str) -> None:
    """Listens at that place until standard input ends."""
    gc.disable()
    for module in LOADED:
        importlib.import_module(module)
    gc.freeze()
    gc.enable()
    threads = len(list(Path("/proc/self/task").iterdir())) if sys.platform == "linux" else threading.active_count()
    assert threads == 1, "a fork would leave what another thread holds locked for ever"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who answer
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(place)
        listening.listen(64)
        sys.stdout.buffer.write(b"r")
        sys.stdout.flush()
        while select.select([listening, sys.stdin], [], [])[0] == [listening]:  # the other end closes with the tests
            line, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _answer(line)
            line.close()


def _answer(line: socket.socket) -> NoReturn:
    """Starts the command, tells its pid, waits for it, tells its code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with line:
        streams = array.array("i")
        _, beside, _, _ = line.recvmsg(1, socket.CMSG_SPACE(2 * streams.itemsize))
        streams.frombytes(beside[0][2])
        with line.makefile("rb") as asking:
            asked = json.loads(asking.read())
        number = os.fork()
        if number == 0:
            line.close()
            os.umask(asked["umask"])
            _run(asked["words"], asked["env"], asked["cwd"], streams)
        line.sendall(f"{number}\n".encode())
        _, status = os.waitpid(number, 0)
        with suppress(BrokenPipeError):  # whoever killed it does not ask any more
            line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _run(words: list[str], env: dict[str, str], cwd: str, streams: "array.array[int]") -> NoReturn:
    from api.cli.main import main as spiral
    from tests.support import warm_parts

    nothing = os.open(os.devnull, os.O_RDONLY)
    for given, wanted in zip((nothing, *streams), (0, 1, 2), strict=True):
        os.dup2(given, wanted)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = ["spiral", *words]
    if words[0] == "up" and sys.platform == "linux":
        warm_parts.fork_parts()
    warm_parts.run_and_end(spiral)


if __name__ == "__main__":
    main(sys.argv[1])
