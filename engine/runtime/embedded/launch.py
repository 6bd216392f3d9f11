"""Become another program that cannot outlive the process that asked for it: `python launch.py PARENT_PID COMMAND…`.

Runs in a bare interpreter before anything else, so it stands on the standard library alone. A hook between fork and
exec would do the same inside a process full of threads, where that is not safe.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""prctl(2), Linux. It holds across exec. Elsewhere a crash leaves parts behind, and the next start ends them."""


def main(parent: int, command: list[str]) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("parent ended before this part began")
    os.execv(command[0], command)  # noqa: S606 - a shell is what is not wanted here


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
