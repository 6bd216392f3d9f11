"""Processes of a test run that need not load the tests each: forks of one that has collected them.

Four processes that load the product, their libraries and the tests each for itself spent a tenth of a run on that.
One process loads what commands load and forks into the one behind `warm.spiral`, which is so there for all of them;
then it collects the tests, and each process of the run is a fork of it, to which xdist speaks as to any other: it
starts as python a program that asks for the fork and hands its streams on.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest
from execnet.gateway_io import popen_bootstrapline

from tests.support import forks, warm_commands
from tests.support.warm_line import COMMANDS, TESTS


def main(folder: str, arguments: Sequence[str]) -> None:
    """Serves until standard input ends; ends at once when the tests cannot be collected, which is told elsewhere."""
    given = dict(os.environ)
    for name in [one for one in given if one.startswith("SPIRAL_")]:
        del os.environ[name]
    forks.load(warm_commands.LOADED)
    if os.fork() == 0:
        forks.serve(str(Path(folder) / COMMANDS), warm_commands.run)
        return
    os.environ.update(given)
    told = os.dup(1)
    forks.into((os.open(os.devnull, os.O_WRONLY),), (1,))
    collected = pytest.main([*arguments, "--collect-only", "-qq", "-n", "0", "-p", "no:cacheprovider"])
    forks.into((told,), (1,))
    os.close(told)
    if collected == pytest.ExitCode.OK:
        forks.serve(str(Path(folder) / TESTS), _run)


def _run(_words: Sequence[str], streams: Sequence[int]) -> NoReturn:
    """Takes its orders from xdist, as the interpreter that it believes to have started."""
    forks.into(streams, (0, 1, 2))
    sys.argv = ["-c"]
    sys.stdin = os.fdopen(0)
    sys.modules["__main__"] = bare = ModuleType("__main__")
    exec(popen_bootstrapline, vars(bare))  # its library's own, with which every such interpreter begins
    sys.exit()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
