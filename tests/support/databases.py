"""Real databases for tests: a SQLite file, and a PostgreSQL cluster that is started once for a test process."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

from engine.runtime.ports import prefer
from engine.store.database import migrate

AS_ROOT = os.geteuid() == 0
ACCOUNT = "nobody"
"""PostgreSQL refuses to run as root."""


def _program(name: str) -> str:
    found = shutil.which(name)
    if found:
        return found
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not beside:
        raise RuntimeError(f"{name} is missing: install PostgreSQL (Debian: apt-get install postgresql)")
    return str(beside[-1])


def _run(*command: str) -> None:
    prefix = ("runuser", "-u", ACCOUNT, "--") if AS_ROOT else ()
    done = subprocess.run([*prefix, *command], capture_output=True, text=True, timeout=60, cwd="/", check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")


@contextmanager
def postgres_cluster() -> Iterator[str]:
    """A fresh cluster on a free port; gives `user@host:port`."""
    folder = Path(tempfile.mkdtemp(prefix="spiral-postgres-"))
    try:
        if AS_ROOT:
            shutil.chown(folder, ACCOUNT)
        data, port = str(folder / "data"), prefer("127.0.0.1", 0)
        _run(_program("initdb"), "-D", data, "-U", "spiral", "--auth=trust", "--encoding=UTF8", "--no-sync")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        _run(_program("pg_ctl"), "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"spiral@127.0.0.1:{port}"
        finally:
            _run(_program("pg_ctl"), "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fresh_postgres(cluster: str) -> str:
    """A new, migrated database; gives its URL."""
    url = create_postgres(cluster)
    migrate(url)
    return url


def create_postgres(cluster: str) -> str:
    """A new, empty database; gives its URL."""
    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(f"postgresql://{cluster}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql+psycopg://{cluster}/{name}"


def fresh_sqlite(folder: Path) -> str:
    """A new, migrated file; gives its URL."""
    url = f"sqlite:///{folder / f'{uuid4().hex[:12]}.db'}"
    migrate(url)
    return url
