"""Opening the database: one code for SQLite (WAL, synced in full) and PostgreSQL, and its migrations.

Must not know any table. SQLite writers take the write lock when they begin, so two of them queue instead of failing
half way; PostgreSQL gets the same effect from an advisory lock where the order matters (see `journal`).
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, DateTime, Dialect, Engine, TypeDecorator, create_engine, event, make_url
from sqlmodel import Session

MIGRATIONS = Path(__file__).parent / "migrations"
POOL = 16
_ONE_BY_ONE = Lock()
"""SQLite has one writer at a time and lets the others guess when it is their turn, which starves some of them. Inside
a process they wait in line instead; between processes SQLite's own lock remains."""
BUSY_MS = 5000
"""How long a SQLite writer waits for another one."""


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


def open_database(url: str) -> Engine:
    """An engine with a bounded pool for `url`, such as `sqlite:///…/spiral.db` or `postgresql+psycopg://…`."""
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, pool_size=POOL, max_overflow=0, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_size=POOL, max_overflow=POOL, pool_pre_ping=True, hide_parameters=True)


def _prepare_sqlite(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; the driver would say it too late
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
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
    queue = _ONE_BY_ONE if engine.name == "sqlite" else nullcontext()
    with queue, Session(_writer(engine), expire_on_commit=False) as session, session.begin():
        yield session


@lru_cache(maxsize=64)
def _reader(engine: Engine) -> Engine:
    return engine if engine.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")


@lru_cache(maxsize=64)
def _writer(engine: Engine) -> Engine:
    return engine.execution_options(writes=True)


def migrate(url: str) -> None:
    """Bring the tables up to date; a fresh file gets all of them."""
    location = make_url(url)
    if location.get_backend_name() == "sqlite" and location.database:
        Path(location.database).parent.mkdir(parents=True, exist_ok=True)
    engine = open_database(url)
    try:
        with engine.execution_options(writes=True).begin() as connection:
            command.upgrade(alembic_config(connection), "head")
    finally:
        engine.dispose()


def is_current(engine: Engine) -> bool:
    """Whether the tables are those of this version."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings, made here so that no file names a place."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
