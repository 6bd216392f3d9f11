"""The process behind `warm.spiral`: loads the command line once, then forks for each command it is asked for."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tests.support import forks
from tests.support.warm_line import COMMANDS

LOADED = (
    "api.cli.main", "api.app", "workflows.worker", "engine.exchange.backup.backup", "engine.exchange.backup.offline",
    "engine.exchange.organisation_import", "engine.store.record.verify", "engine.store.record.upgrade",
    "api.cli.operate.sample", "uvicorn", "tests.support.warm_parts",
)  # fmt: skip
"""What commands load, most of it; the rest each loads by itself."""


def run(words: Sequence[str], streams: Sequence[int]) -> NoReturn:
    """Types `spiral …`, to which nobody types anything more."""
    from api.cli.main import main as spiral
    from tests.support import warm_parts

    forks.into((os.open(os.devnull, os.O_RDONLY), *streams[-2:]), (0, 1, 2))
    sys.argv = ["spiral", *words]
    if words[0] == "up" and sys.platform == "linux":
        warm_parts.fork_parts()
    warm_parts.run_and_end(spiral)


if __name__ == "__main__":
    forks.load(LOADED)
    forks.serve(str(Path(sys.argv[1]) / COMMANDS), run)
