"""How a process that has loaded itself is asked for a fork; as a program, that fork for whoever starts it.

Stands on the standard library alone: as a program it begins in a bare interpreter, since what it asks for is loaded.
"""

import array
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

READY = b"r"
COMMANDS, TESTS = "commands", "tests"
"""Where forks of either kind are asked for, in the folder of the process that has loaded itself."""


class Line:
    """The line to one fork: its pid, and its exit code when it has ended.

    Args:
        place: where the process that has loaded itself listens.
        words: what follows `spiral`.
        env: its whole environment.
        cwd: its working directory.
        streams: its output and its errors, and before them its input where it takes one, as numbers of files of ours.
    """

    def __init__(
        self, place: str, words: Sequence[str], env: Mapping[str, str], cwd: str, streams: tuple[int, ...]
    ) -> None:
        before = os.umask(0)
        os.umask(before)
        asked = {"words": words, "env": dict(env), "cwd": cwd, "umask": before}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(place)
        self._socket.sendmsg([READY], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams))])
        self._socket.sendall(json.dumps(asked).encode())
        self._socket.shutdown(socket.SHUT_WR)
        self._told = b""
        self.pid = self._number(None)

    def code(self, timeout: float | None = None) -> int:
        """Waits for its end, so many seconds at most.

        Raises:
            TimeoutError: it goes on.
        """
        return self._number(timeout)

    def close(self) -> None:
        """Nobody asks any more; it goes on."""
        self._socket.close()

    def _number(self, timeout: float | None) -> int:
        self._socket.settimeout(timeout)
        while b"\n" not in self._told:
            try:
                more = self._socket.recv(64)
            except BlockingIOError:
                raise TimeoutError from None
            assert more, "the process that has loaded itself is gone"
            self._told += more
        number, _, self._told = self._told.partition(b"\n")
        return int(number)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the fork, which says how it ended
    sys.exit(Line(sys.argv[1], sys.argv[2:], os.environ, str(Path.cwd()), (0, 1, 2)).code())
