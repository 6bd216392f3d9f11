"""Opening the database: one code for SQLite (WAL, synced in full) and PostgreSQL, and its migrations.

Must not know any table. SQLite writers take the write lock when they begin, so two of them queue instead of failing
half way; PostgreSQL gets the same effect from an advisory lock where the order matters (see `journal`).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from threading import Lock
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, DateTime, Dialect, Engine, TypeDecorator, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlmodel import Session

from engine.store.faults import DatabaseBusyError, NewerTablesError

MIGRATIONS = Path(__file__).parent / "migrations"
POOL = 16
_ONE_BY_ONE = Lock()
"""SQLite has one writer at a time and lets the others guess when it is their turn, which starves some of them. Inside
a process they wait in line instead; between processes SQLite's own lock remains."""
PATIENCE = 5.0
"""Seconds to wait for a connection or a lock, where nobody waits for an answer."""
MIGRATING = 300.0
"""Seconds that a migration waits for another one that is under way."""
MIGRATION_LOCK = 0x5350_4D47
_VALUES = re.compile(r"\n(DETAIL|CONTEXT|HINT|LINE \d+):.*", re.DOTALL)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC by both databases; a naive one is a mistake and raises."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def open_database(url: str, patience: float = PATIENCE) -> Engine:
    """An engine with a bounded pool.

    Args:
        url: such as `sqlite:///…/spiral.db` or `postgresql+psycopg://…`.
        patience: seconds to wait for a connection, and for a lock that others hold.

    What a value was is never told in an error: values are people's words, and errors go to logs and histories.
    """
    common: dict[str, Any] = {
        "pool_size": POOL,
        "pool_timeout": patience,
        "hide_parameters": True,
        "execution_options": {"patience": patience},
    }
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, max_overflow=2 * POOL, **common)
        event.listen(engine, "connect", partial(_prepare_sqlite, int(patience * 1000)))
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    reaching = {
        "connect_timeout": max(2, round(patience)),  # libpq knows whole seconds, from two on
        "tcp_user_timeout": 5000,
        "options": f"-c lock_timeout={int(patience * 1000)}",
    }
    engine = create_engine(url, max_overflow=POOL, pool_pre_ping=True, connect_args=reaching, **common)
    event.listen(engine, "handle_error", _without_values)
    return engine


def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL tells a failing row's values in the lines below its first one."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args and isinstance(error.args[0], str):
            error.args = (_VALUES.sub("", error.args[0]), *error.args[1:])


def _prepare_sqlite(busy_ms: int, connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; the driver would say it too late
    for pragma in (f"busy_timeout={busy_ms}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one moment of the database and changes nothing."""
    with Session(_reader(engine), expire_on_commit=False) as session:
        yield session
        session.expunge_all()  # what was read stays readable after the session


@contextmanager
def looking(engine: Engine) -> Iterator[Connection]:
    """Like `reading`, for a prepared statement or two whose rows become nobody's objects."""
    with _reader(engine).connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed as a whole at the end, or not at all."""
    queue = _turn(engine.get_execution_options()["patience"]) if engine.name == "sqlite" else nullcontext()
    with queue, Session(_writer(engine), expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def _turn(patience: float) -> Iterator[None]:
    if not _ONE_BY_ONE.acquire(timeout=patience):
        raise DatabaseBusyError
    try:
        yield
    finally:
        _ONE_BY_ONE.release()


@lru_cache(maxsize=64)
def _reader(engine: Engine) -> Engine:
    return engine if engine.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")


@lru_cache(maxsize=64)
def _writer(engine: Engine) -> Engine:
    return engine.execution_options(writes=True)


def migrate(url: str) -> None:
    """Bring the tables up to date; a fresh file gets all of them. Of two at once the second waits for the first.

    Raises:
        NewerTablesError: a newer version has made them; they are left as they are.
    """
    make_room(url)
    engine = open_database(url, MIGRATING)
    try:
        with engine.execution_options(writes=True).begin() as connection:
            if engine.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            _must_be_known(revision_of(connection))
            command.upgrade(alembic_config(connection), "head")
    finally:
        engine.dispose()


def _must_be_known(found: str | None) -> None:
    known = {one.revision for one in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if found is not None and found not in known:
        raise NewerTablesError(
            f"データベースの表は新しい版 ({found}) のものです。変更せず終わります。その版を使ってください / "
            f"a newer version ({found}) has made the tables; nothing was changed, use that version of spiral"
        )


def make_room(url: str) -> None:
    """The folder that a SQLite file lies in."""
    location = make_url(url)
    if location.get_backend_name() == "sqlite" and location.database:
        Path(location.database).parent.mkdir(parents=True, exist_ok=True)


def is_current(engine: Engine) -> bool:
    """Whether the tables are those of this version."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    with engine.connect() as connection:
        return revision_of(connection) == head


def is_behind(engine: Engine) -> bool:
    """Whether the tables lack something that this version needs.

    Tables of a newer version are not behind: migrations only add, so that processes of two versions work side by side
    while one is rolled out, or back.
    """
    scripts = ScriptDirectory.from_config(alembic_config())
    with engine.connect() as connection:
        found = revision_of(connection)
    known = {one.revision for one in scripts.walk_revisions()}
    return found is None or (found in known and found != scripts.get_current_head())


def revision_of(connection: Connection) -> str | None:
    """Which migration the tables are at; None when there are no tables of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings, made here so that no file names a place."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
