"""The release before works on the tables of the release after: a migration adds, and takes away one release later.

Workers and APIs of the old release go on while the new one's migration has run already. So each step may only add
tables, columns that an old INSERT need not know, and indexes that refuse nothing which was allowed.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, Table, create_engine, inspect

from engine.store.database import alembic_config
from tests.support.databases import create_postgres

pytestmark = pytest.mark.slow

BOOKKEEPING = "alembic_version"
VALUES: dict[type, object] = {
    str: "x",
    int: 7,
    float: 7.5,
    bool: True,
    bytes: b"x",
    date: date(2026, 11, 24),
    datetime: datetime(2026, 11, 24, 3, tzinfo=UTC),
    dict: {},
    list: [],
}


def steps() -> list[str]:
    """Every migration, the first one first."""
    scripts = ScriptDirectory.from_config(alembic_config())
    return [one.revision for one in reversed(list(scripts.walk_revisions()))]


SINCE = "0004"
"""The last step that did otherwise; nobody could run two releases at once then."""
PAIRS = [pair for pair in zip(steps(), steps()[1:], strict=False) if pair[0] >= SINCE]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without any table."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'new.db'}" if sqlite else create_postgres(request.getfixturevalue("postgres"))
    engine = create_engine(url)
    yield engine
    engine.dispose()


def upgrade(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)


def tables(engine: Engine) -> dict[str, Table]:
    found = MetaData()
    found.reflect(engine)
    return {name: one for name, one in found.tables.items() if name != BOOKKEEPING and "_search" not in name}


def refuses(engine: Engine, table: str) -> set[tuple[str, ...]]:
    """The columns of every unique index and constraint."""
    look = inspect(engine)
    found = [one["column_names"] for one in look.get_unique_constraints(table)]
    found += [one["column_names"] for one in look.get_indexes(table) if one["unique"]]
    return {tuple(str(name) for name in names) for names in found}


def row_of(table: Table) -> dict[str, Any]:
    """What an INSERT of the old release must say; what may be left out is left out."""
    needed = [one for one in table.columns if not one.nullable and one.server_default is None]
    return {one.name: VALUES.get(one.type.python_type, {}) for one in needed}


def test_every_step_of_the_tables_leaves_the_release_before_able_to_read_and_write(empty: Engine) -> None:
    upgrade(empty, PAIRS[0][0])
    wrong: list[str] = []
    new = tables(empty)
    refused = {name: refuses(empty, name) for name in new}
    for _, after in PAIRS:
        old, kept = new, refused
        upgrade(empty, after)
        new = tables(empty)
        refused = {name: refuses(empty, name) for name in new}
        wrong += [f"{after}: table {name} is gone" for name in old.keys() - new.keys()]
        for name in sorted(old.keys() & new.keys()):
            was, now = old[name].columns, new[name].columns
            wrong += [f"{after}: {name}.{one} is gone" for one in set(was.keys()) - set(now.keys())]
            wrong += [
                f"{after}: {name}.{one.name} must be given"
                for one in now
                if one.name not in was and not one.nullable and one.server_default is None
            ]
            wrong += [
                f"{after}: {name} refuses doubles of {names}"
                for names in refused[name] - kept[name]
                if set(names) <= set(was.keys())
            ]
        with empty.connect() as connection:
            for table in old.values():
                connection.execute(table.select().limit(1))
    assert wrong == []


def test_an_insert_of_the_release_before_is_taken_by_the_tables_of_today(empty: Engine) -> None:
    before, after = PAIRS[-1]
    upgrade(empty, before)
    old = tables(empty)
    upgrade(empty, after)
    taken = 0
    for table in old.values():
        with empty.connect() as connection, connection.begin() as trial:
            connection.execute(table.insert().values(row_of(table)))
            taken += 1
            trial.rollback()
    assert taken == len(old) > 20


def test_a_column_that_an_old_insert_does_not_know_would_be_found(empty: Engine) -> None:
    upgrade(empty, PAIRS[-1][1])
    old = tables(empty)["cycle"]
    with empty.begin() as connection:
        connection.exec_driver_sql("DROP TABLE waiting")
        connection.exec_driver_sql("CREATE TABLE waiting (cycle_id VARCHAR PRIMARY KEY, colour VARCHAR NOT NULL)")
    now = tables(empty)["waiting"].columns
    assert "colour" in row_of(tables(empty)["waiting"])
    assert not now["colour"].nullable
    assert "id" in row_of(old)
