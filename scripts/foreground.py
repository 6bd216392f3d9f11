"""Run a program as the terminal's own foreground job, so that Ctrl-C reaches it and not the `make` above it.

`make` answers Ctrl-C with "Interrupt" and a failing exit code even when the program below stopped in order. With the
terminal handed over, the exit code is the program's own. Without a terminal this does nothing but exec.
Knows nothing of the spiral; the standard library is enough.
"""

import os
import signal
import sys
from pathlib import Path


def take_terminal() -> None:
    """Become the foreground process group of our terminal, if our group holds it now."""
    try:
        if os.tcgetpgrp(0) != os.getpgrp():
            return
        os.setpgid(0, 0)
        # A background group that takes the terminal is stopped by SIGTTOU unless it ignores it for the moment.
        before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, before)
    except OSError:
        return  # no terminal (CI, a service): the signals come to this process anyway


def main(arguments: list[str]) -> None:
    """Hand over the terminal and become the program that `arguments` names."""
    if not arguments:
        sys.exit("usage: foreground.py PROGRAM [ARGUMENT...]")
    if not Path(arguments[0]).exists():
        sys.exit(f"見つかりません / not found: {arguments[0]}")
    take_terminal()
    os.execv(arguments[0], arguments)  # noqa: S606 - the Makefile names the program; no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
