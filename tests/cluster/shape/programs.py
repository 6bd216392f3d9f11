"""Temporal's server and schema tool: an ordinary Go install at a pinned version, built once, or programs named."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

VERSION = "v1.32.2"
TOOLCHAIN = "go1.27.3"
"""That version needs it; Go fetches it from the module proxy by itself."""
SOURCES = {"server": "go.temporal.io/server/cmd/server", "sql": "go.temporal.io/server/cmd/tools/sql"}
NAMED = {"server": "SPIRAL_TEMPORAL_SERVER", "sql": "SPIRAL_TEMPORAL_SQL_TOOL"}
LONGEST = 1500.0
"""Seconds that the build may take; three minutes on two quiet cores."""


@dataclass(frozen=True)
class Programs:
    """Where they lie.

    Attributes:
        server: Temporal's server, all four services in one program.
        sql: the tool that makes its schemas, which it holds.
    """

    server: Path
    sql: Path


def missing() -> str | None:
    """Why no cluster can be made here, in words; None if one can."""
    absent = [name for name in ("haproxy",) if shutil.which(name, path=_path()) is None]
    if not all(_kept(name).exists() for name in SOURCES) and shutil.which("go") is None:
        absent.append(f"Go (or the programs that {' and '.join(NAMED.values())} name)")
    return f"a cluster needs {' and '.join(absent)}" if absent else None


def programs() -> Programs:
    """Both, built when they are not there yet.

    Raises:
        RuntimeError: Go could not build them; the text is its own.
    """
    return Programs(_built("server"), _built("sql"))


def main() -> int:
    """Builds what is missing, so that it is there when a cluster is wanted; says why where it cannot be."""
    lacks = missing()
    try:
        if lacks is None:
            programs()
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        lacks = str(error)
    sys.stderr.write(f"{lacks}\n" if lacks else "")
    return 1 if lacks else 0


def haproxy() -> str:
    """The proxy's program."""
    found = shutil.which("haproxy", path=_path())
    assert found is not None, missing()
    return found


def _path() -> str:
    return f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin{os.pathsep}/usr/local/sbin"


def _kept(name: str) -> Path:
    if named := os.environ.get(NAMED[name]):
        return Path(named)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "dx-spiral" / f"temporal-{VERSION}" / name


def _built(name: str) -> Path:
    program = _kept(name)
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["go", "install", f"{SOURCES[name]}@{VERSION}"],
            env=os.environ | {"GOBIN": str(program.parent), "GOTOOLCHAIN": TOOLCHAIN},
            capture_output=True, text=True, timeout=LONGEST, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"go install {SOURCES[name]}@{VERSION}: {done.stderr}")
    return program


if __name__ == "__main__":
    raise SystemExit(main())
