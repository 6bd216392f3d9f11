"""Real databases for tests: a SQLite file, and a PostgreSQL cluster that is started once for a test process."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server of its own.

    Attributes:
        address: `user@host:port`.
        folder: its data, socket and log.
    """

    address: str
    folder: Path

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        port = self.address.rpartition(":")[2]
        options = f"-p {port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        _run(_program("pg_ctl"), "-D", self._data, "-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self) -> None:
        """Stops it hard: nobody is waited for, and the next start recovers from its log."""
        _run(_program("pg_ctl"), "-D", self._data, "-m", "immediate", "stop")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A fresh cluster on a free port, for who wants to stop it as well."""
    folder = Path(tempfile.mkdtemp(prefix="spiral-postgres-"))
    try:
        if AS_ROOT:
            shutil.chown(folder, ACCOUNT)
        _run(
            _program("initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            "spiral",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
        )
        cluster = Cluster(f"spiral@127.0.0.1:{prefer('127.0.0.1', 0)}", folder)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_cluster() -> Iterator[str]:
    """A fresh cluster on a free port; gives `user@host:port`."""
    with own_cluster() as cluster:
        yield cluster.address


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
