"""Parts of `spiral up` as forks of a process that has loaded them, in place of programs that load themselves.

A process full of threads cannot be forked safely, so a child that `up` leaves behind before it begins forks for it,
and hands each part over: `up` is the parent of its parts, hears of their ends, and takes them along with its own.
"""

import array
import asyncio
import ctypes
import json
import os
import runpy
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, NoReturn

from api.cli.operate import up
from engine.runtime.embedded import supervisor
from engine.runtime.embedded.launch import PR_SET_PDEATHSIG

PR_SET_CHILD_SUBREAPER = 36
"""prctl(2): whose parent has ended becomes ours."""
MOST = 1 << 18
"""Bytes of a request: a whole environment."""
LIKE_OURS = (sys.executable, "-P", "-m")


class ForkedPart:
    """A part that runs; as much of `asyncio.subprocess.Process` as a supervisor asks for."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = loop.create_future()
        handle = os.pidfd_open(pid)
        loop.add_reader(handle, self._reap, handle)

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        return await asyncio.shield(self._ended)

    def send_signal(self, number: int) -> None:
        """A signal; to one that has ended, an error as asyncio's own."""
        if self.returncode is not None:
            raise ProcessLookupError
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends it at once."""
        self.send_signal(signal.SIGKILL)

    def _reap(self, handle: int) -> None:
        asyncio.get_running_loop().remove_reader(handle)
        os.close(handle)
        _, status = os.waitpid(self.pid, 0)
        self.returncode = os.waitstatus_to_exitcode(status)
        self._ended.set_result(self.returncode)


def fork_parts() -> None:
    """From now on this process, which is to be `up`, gets its parts as forks. Only while it has one thread."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    parent = os.getpid()
    if os.fork() == 0:
        ours.close()
        _serve(theirs, parent)
    theirs.close()
    by_itself = supervisor.start_process

    async def start(
        command: Sequence[str], environment: Mapping[str, str], *, out: BinaryIO | None, errors: BinaryIO | None
    ) -> Any:
        if tuple(command[:3]) != LIKE_OURS:
            return await by_itself(command, environment, out=out, errors=errors)
        asked = {"words": command[3:], "env": {**os.environ, **environment}}
        streams = array.array("i", [1 if out is None else out.fileno(), 2 if errors is None else errors.fileno()])
        ours.sendmsg([json.dumps(asked).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
        return ForkedPart(int(ours.recv(32)))

    supervisor.start_process = up.start_process = start


def _serve(line: socket.socket, parent: int) -> NoReturn:
    """Forks for each request until `up` has ended; tells the pid once the part is `up`'s own child."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    while True:
        streams = array.array("i")
        request, beside, _, _ = line.recvmsg(MOST, socket.CMSG_SPACE(2 * streams.itemsize))
        if not request:
            os._exit(0)
        streams.frombytes(beside[0][2])
        reading, writing = os.pipe()
        between = os.fork()
        if between == 0:
            number = os.fork()
            if number == 0:
                line.close()
                _run(json.loads(request), streams, parent)
            os.write(writing, str(number).encode())
            os._exit(0)
        os.waitpid(between, 0)
        line.send(os.read(reading, 32))
        for done in (reading, writing, *streams):
            os.close(done)


def _run(asked: dict[str, Any], streams: "array.array[int]", parent: int) -> NoReturn:
    """What `launch.py` and `python -m` do."""
    while os.getppid() != parent:  # a moment, until the one between has ended
        try:
            os.kill(parent, 0)
        except ProcessLookupError:
            os._exit(1)
        time.sleep(0.001)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    os.setsid()
    for given, wanted in zip((os.open(os.devnull, os.O_RDONLY), *streams), (0, 1, 2), strict=True):
        os.dup2(given, wanted)
    os.environ.clear()
    os.environ.update(asked["env"])
    module, *words = asked["words"]
    sys.argv = [module, *words]
    run_and_end(lambda: runpy.run_module(module, run_name="__main__", alter_sys=True))


def run_and_end(program: Callable[[], object]) -> NoReturn:
    """Runs it and ends the process as Python would, without what a fork must not clear up."""
    code = 1
    try:
        program()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:  # noqa: BLE001 - told as Python tells it, and the process ends
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
