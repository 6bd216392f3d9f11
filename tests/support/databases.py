"""Real databases for tests: a SQLite file, and a PostgreSQL cluster that is started once for a test process."""

import atexit
import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import Engine, create_engine

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
    done = subprocess.run([*prefix, *command], capture_output=True, text=True, timeout=120, cwd="/", check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server of its own.

    Attributes:
        address: `user@host:port`.
        folder: its data, socket and log.
        tls: certificate and key that it shows to who asks for TLS; both are its account's own copies.
        tidied: whether it tidies up by itself, which with hundreds of databases costs a tenth of a processor.
    """

    address: str
    folder: Path
    tls: tuple[Path, Path] | None = None
    tidied: bool = True

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        port = self.address.rpartition(":")[2]
        options = f"-p {port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        if not self.tidied:
            options += " -c autovacuum=off"
        if self.tls:
            options += f" -c ssl=on -c ssl_cert_file={self.tls[0]} -c ssl_key_file={self.tls[1]}"
        _run(_program("pg_ctl"), "-D", self._data, "-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self) -> None:
        """Stops it hard: nobody is waited for, and the next start recovers from its log."""
        _run(_program("pg_ctl"), "-D", self._data, "-m", "immediate", "stop")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")


@contextmanager
def own_cluster(tls: tuple[Path, Path] | None = None, *, tidied: bool = True) -> Iterator[Cluster]:
    """A fresh cluster on a free port, for who wants to stop it as well.

    Args:
        tls: certificate and key, where it shall speak TLS.
        tidied: as of `Cluster`.
    """
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
        shown = _own_copies(tls, folder) if tls else None
        cluster = Cluster(f"spiral@127.0.0.1:{prefer('127.0.0.1', 0)}", folder, shown, tidied)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:  # behind us: hundreds of databases are a hundred thousand files
        subprocess.Popen(["rm", "-rf", str(folder)], start_new_session=True)


def _own_copies(tls: tuple[Path, Path], folder: Path) -> tuple[Path, Path]:
    """PostgreSQL takes a key only from a file of its own account that nobody else reads."""
    certificate, key = (Path(shutil.copy(file, folder / file.name)) for file in tls)
    for copied in (certificate, key):
        copied.chmod(0o600)
        if AS_ROOT:
            shutil.chown(copied, ACCOUNT)
    return certificate, key


@contextmanager
def postgres_cluster(*, tidied: bool = True) -> Iterator[str]:
    """A fresh cluster on a free port; gives `user@host:port`."""
    with own_cluster(tidied=tidied) as cluster:
        yield cluster.address


AS_ANOTHER = "UPDATE installation SET id = '{}'"
"""A copy of a template is an installation of its own."""


_ALIKE: dict[str, Engine] = {}
Prepare = Callable[[int, sqlite3.Connection, object], None]
"""What makes a new connection to SQLite ready."""


def alike(url: str, **given: Any) -> Engine:
    """`create_engine`, with statements compiled once for all databases of a kind: a thousand tests ask the same."""
    engine = create_engine(url, **given)
    first = _ALIKE.setdefault(engine.name, engine)
    if getattr(first.dialect, "server_version_info", None) is None:  # it has never been connected
        _ALIKE[engine.name] = engine
        return engine
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


def unhurried(prepare: Prepare) -> Prepare:
    """Connections to SQLite that wait for no disk: a test kills processes, and never the machine."""

    def prepared(busy_ms: int, connection: sqlite3.Connection, record: object) -> None:
        prepare(busy_ms, connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    return prepared


def fresh_postgres(cluster: str) -> str:
    """A new, migrated database, copied from one that was migrated once; gives its URL."""
    url = create_postgres(cluster, _postgres_template(cluster))
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(AS_ANOTHER.format(secrets.token_hex(6)).encode())
    return url


def create_postgres(cluster: str, template: str = "template1", language: str | None = None) -> str:
    """A new database, empty unless it has a template; gives its URL.

    Args:
        language: in whose order it compares text, such as `en-US`; the template is then `template0`.
    """
    name = f"t{uuid4().hex[:12]}"
    order = f" LOCALE_PROVIDER icu ICU_LOCALE '{language}'" if language else ""
    with psycopg.connect(f"postgresql://{cluster}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{order}'.encode())
    return f"postgresql+psycopg://{cluster}/{name}"


@cache
def _postgres_template(cluster: str) -> str:
    url = create_postgres(cluster)
    migrate(url)
    return url.rpartition("/")[2]


def fresh_sqlite(folder: Path) -> str:
    """A new, migrated file, copied from one that was migrated once; gives its URL."""
    file = folder / f"{uuid4().hex[:12]}.db"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_sqlite_template(), file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA synchronous=OFF")  # nobody needs this copy after a power cut
        connection.execute(AS_ANOTHER.format(secrets.token_hex(6)))
    return f"sqlite:///{file}"


@cache
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="spiral-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate(f"sqlite:///{folder / 'template.db'}")
    return folder / "template.db"
