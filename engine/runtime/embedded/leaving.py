"""How a process ends that has used Temporal's core. Must not know which process it is."""

import os
import sys
from contextlib import suppress
from typing import NoReturn

CORE = "temporalio.bridge.temporal_sdk_bridge"


def leave(code: int) -> NoReturn:
    """Ends with this code. With Temporal's core loaded the interpreter is not taken apart any more.

    Its threads may still be letting go, and Python then aborts with `PyGILState_Release` after all work is done,
    which would read like a failure.
    """
    if CORE not in sys.modules:
        sys.exit(code)
    with suppress(BrokenPipeError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
