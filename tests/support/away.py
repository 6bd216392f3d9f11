"""Databases that are busy, away or full, each for as long as a block lasts."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import Engine, event


def _path(database: Engine) -> Path:
    return Path(str(database.url.database))


def _postgres(database: Engine, name: str) -> psycopg.Connection:
    url = database.url
    return psycopg.connect(host=url.host, port=url.port, user=url.username, dbname=name, autocommit=True)


@contextmanager
def locked(database: Engine, *tables: str) -> Iterator[None]:
    """Somebody else, such as a backup tool, holds what is needed to write (on PostgreSQL: `tables`)."""
    if database.name == "sqlite":
        other = sqlite3.connect(_path(database), isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            yield
        finally:
            other.close()
        return
    with _postgres(database, str(database.url.database)) as holder, holder.transaction():
        holder.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
        yield


@contextmanager
def away(database: Engine, *users: Engine) -> Iterator[None]:
    """Nobody reaches the database: the file cannot be opened, or the server takes nobody and ends who is there."""
    if database.name == "sqlite":
        place = _path(database)
        aside = place.with_suffix(".aside")
        for engine in users:
            engine.dispose()
        place.rename(aside)
        place.mkdir()
        try:
            yield
        finally:
            place.rmdir()
            aside.rename(place)
        return
    name = str(database.url.database)
    with _postgres(database, "postgres") as server:
        server.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        try:
            yield
        finally:
            server.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')


@contextmanager
def full(engine: Engine) -> Iterator[None]:
    """A SQLite file that cannot grow, for the connections of `engine`."""

    def cap(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={connection.execute('PRAGMA page_count').fetchone()[0]}")

    event.listen(engine, "connect", cap)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "connect", cap)
        engine.dispose()
