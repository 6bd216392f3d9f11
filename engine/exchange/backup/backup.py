"""Takes a whole city along in one file, and brings it back into an empty place, also on the other kind of database.

What is made from the record (projections) is left out and made anew at the other end. Must not know an engine.
"""

import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from alembic import command
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, MetaData, Table, delete, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from engine.exchange.backup import archive as files
from engine.exchange.errors import FileError
from engine.language.catalogues import both
from engine.store import authority
from engine.store.database import alembic_config, looking, make_room, migrate, open_database, revision_of
from engine.store.projections import cycles as projections
from engine.store.projections import history
from engine.store.projections import ledger_streams as streams
from engine.store.record import upgrade
from engine.store.record import verify as check
from engine.store.tables import CaseSheetRow, JournalRow, LedgerRow

BATCH = 200
"""Rows read or written at once, where a row is short."""
FEW = {"blob": 1, "document": 5}
"""The same where a row may be megabytes, so that no backup needs much memory."""
RECORDS: tuple[Any, ...] = (JournalRow, LedgerRow)
Progress = Callable[[int], None]


def made_from_the_record() -> frozenset[str]:
    """The tables that `rebuild` makes, and the note of which version made them."""
    models: list[Any] = [*projections.TABLES, CaseSheetRow]
    models += [one for made in streams.PROJECTIONS.values() for one in made.tables]
    named = {SQLModel.metadata.tables[str(model.__tablename__)].name for model in models}
    return frozenset(named | {table.name for table in history.TABLES} | {"projected"})


def kept_tables() -> tuple[Table, ...]:
    """Every table that a backup holds, in the order in which they may be filled."""
    made = made_from_the_record()
    return tuple(table for table in SQLModel.metadata.sorted_tables if table.name not in made)


def rows_in(engine: Engine) -> int:
    """How many rows a backup would hold."""
    with looking(engine) as connection:
        return sum(connection.execute(select(func.count()).select_from(one)).scalar_one() for one in kept_tables())


def back_up(engine: Engine, path: Path, *, key: str, told: Progress = lambda _: None) -> files.Manifest:
    """Writes everything as it is at one instant, while others go on writing.

    Args:
        engine: a database of this version.
        path: where to; nothing may be there yet. It appears when it is whole, readable by its owner only.
        key: fingerprint of the signing key.
        told: how many rows were written since the last time.

    Raises:
        FileError: it cannot be written there; nothing is left of it.
    """
    part = path.with_name(f"{path.name}.part")
    if path.exists():
        raise FileError(path, *both("there is a file already"))
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, looking(engine) as connection:
                manifest = files.Manifest(
                    format=files.FORMAT,
                    schema_version=revision_of(connection) or "",
                    made_at=datetime.now(UTC),
                    key=key,
                    tables={
                        table.name: files.write_table(archive, table.name, _rows(connection, table), told)
                        for table in kept_tables()
                    },
                )
                archive.writestr(files.MANIFEST, manifest.model_dump_json(indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise FileError(path, *both("cannot be written: {strerror}", strerror=error.strerror)) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return manifest


def bring_back(url: str, path: Path, told: Progress = lambda _: None) -> tuple[files.Manifest, int]:
    """Fills an empty place with what a backup holds, in one transaction, and makes the rest from the record.

    Args:
        url: a database without a record: new, migrated, or an empty one.
        path: the backup; checked as a whole before anything is written.
        told: how many rows came back since the last time.

    Returns:
        What the backup says of itself, and how many cycles there are.

    Raises:
        FileError: no backup, damaged, or the place is not empty; nothing has changed.
    """
    with files.open_archive(path) as archive:
        manifest = files.read_manifest(archive, path)
        files.check_whole(archive, manifest, path)
        make_room(url)
        engine = open_database(url)
        try:
            with engine.execution_options(writes=True).begin() as connection:
                _ready(connection, manifest, path)
                _fill(connection, archive, manifest, path, told)
            migrate(url)
            authority.take_over(engine)
            count = check.rebuild(engine)
            upgrade.note_version(engine)
        finally:
            engine.dispose()
    return manifest, count


def _rows(connection: Connection, table: Table) -> Iterator[files.Row]:
    found = connection.execute(
        select(table).order_by(*table.primary_key.columns),
        execution_options={"yield_per": FEW.get(table.name, BATCH)},
    )
    return (dict(row) for row in found.mappings())


def _ready(connection: Connection, manifest: files.Manifest, path: Path) -> None:
    """The tables as they were when the backup was made, and empty."""
    for record in RECORDS:
        with suppress(SQLAlchemyError), connection.begin_nested():  # no such table yet: nothing is there
            if connection.execute(select(func.count()).select_from(record)).scalar_one():
                raise FileError(
                    path, *both("restored only into an empty place; there is a record here already"),
                )  # fmt: skip
    at = revision_of(connection)
    try:
        if at is None:
            command.upgrade(alembic_config(connection), manifest.schema_version)
        elif at != manifest.schema_version:
            raise FileError(
                path,
                *both(
                    "made with tables {schema_version}, here they are {at}: restore where there are none yet",
                    schema_version=manifest.schema_version,
                    at=at,
                ),
            )
    except CommandError as error:
        raise files.newer(path, f"tables {manifest.schema_version}") from error


def _fill(
    connection: Connection, archive: zipfile.ZipFile, manifest: files.Manifest, path: Path, told: Progress
) -> None:
    known = MetaData()
    known.reflect(connection, only=list(manifest.tables))
    ordered = [table for table in known.sorted_tables if table.name in manifest.tables]
    for table in reversed(ordered):
        connection.execute(delete(table))  # what a migration puts there, such as an identity
    for table in ordered:
        naive = connection.dialect.name == "sqlite"
        rows = ({name: _bare(value) if naive else value for name, value in row.items()} for row in
                files.read_table(archive, table.name))  # fmt: skip
        count = 0
        while batch := list(islice(rows, FEW.get(table.name, BATCH))):
            connection.execute(insert(table), batch)
            count += len(batch)
            told(len(batch))
        if count != manifest.tables[table.name].rows:
            raise files.damaged(path, table.name)
        _count_on(connection, table)


def _bare(value: object) -> object:
    """SQLite keeps instants in UTC without saying so."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL's own counters do not see numbers that are given; the next row must not get one that is taken."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        counter = connection.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
        ).scalar_one()
        last = connection.execute(select(func.max(column))).scalar_one() if counter else None
        if last is not None:
            connection.execute(
                text("SELECT setval(CAST(:counter AS regclass), :last)"), {"counter": counter, "last": last}
            )
