"""Nothing in a table that is made from the record can say something else unseen, and a rebuild mends all of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Engine, Table, select, text, update

from bench.seeding import seed
from engine.contracts.cycle import AppendAsk
from engine.domain.cycle import commands as c
from engine.domain.review.review import Action
from engine.store.database import UtcDateTime, open_database
from engine.store.directory.blobs import Blobs
from engine.store.projections.all_rows import TABLES, key_of
from engine.store.record import read_rows
from engine.store.record import verify as check
from engine.store.record.journal import Journal
from tests.domain.plays import Play
from tests.support import city as people
from tests.support.databases import fresh_postgres, fresh_sqlite

pytestmark = pytest.mark.slow

CYCLES = 24
"""Enough that every table has a row, and that one batch ends somewhere in the middle."""
STRANGER = "zz-9"
AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One for all tests: each leaves it as the record says."""
    sqlite = request.param == "sqlite"
    url = (
        fresh_sqlite(tmp_path_factory.mktemp("city"))
        if sqlite
        else fresh_postgres(request.getfixturevalue("postgres"))
    )
    database = open_database(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_rows, "BATCH", 150)
        yield _filled(database)
    database.dispose()


def _filled(database: Engine) -> Engine:
    seed(database, CYCLES)
    play = Play()
    for number in range(2):
        content = f"file {number}".encode()
        body = c.Attach(name=f"{number}.pdf", size=len(content), sha256=Blobs(database).put(content))
        play.give(play.state.owner, body)
    play.draft(people.imagine())
    play.give(play.state.owner, c.Submit())
    asked = c.ConditionAsked(text="説明", due=date(2026, 12, 15))
    play.decide(Action.APPROVE_WITH_CONDITIONS, conditions=(asked,))
    play.hand_in(people.transform())
    play.give(play.deciders()[0], c.Ask(text="なぜか"))
    play.give(play.state.owner, c.Comment(text="数えました"))
    Journal(database).append(AppendAsk(cycle_id=play.state.cycle_id, after=0, events=play.events))
    return database


def test_a_change_of_any_column_of_any_table_is_named_and_mended(city: Engine) -> None:
    assert check.verify(city).faults == ()
    columns = {table: [column for column in table.columns if column is not TABLES[0].c.id] for table in TABLES}
    while any(columns.values()):
        changed = []
        for table, left in columns.items():
            rows = _one_of_each_cycle(city, table)
            assert rows, table
            changed += [_changed(city, column, row) for column, row in zip(left, rows, strict=False)]
            del left[: len(rows)]
        found = {(fault.cycle_id, fault.where) for fault in check.verify(city).faults}
        assert not [one for one in changed if one not in found], found
        assert len(changed) == len(set(changed))
        check.rebuild(city)
    assert check.verify(city).faults == ()


def test_rows_that_are_gone_or_come_from_nowhere_are_named_in_every_table(city: Engine) -> None:
    for table in TABLES[1:]:
        with city.begin() as connection:
            connection.execute(table.delete().where(table.c.cycle_id == _first(city, table)["cycle_id"]))
    found = {fault.where for fault in check.verify(city).faults if fault.code == "projection_differs"}
    assert found >= {table.name for table in TABLES[1:]}
    check.rebuild(city)
    for table in TABLES:
        stranger = {**_first(city, table), key_of(table).name: STRANGER}
        with city.begin() as connection:
            connection.execute(table.insert(), [stranger | ({"number": 7} if "number" in stranger else {})])
    told = [fault.where for fault in check.verify(city).faults if fault.cycle_id == STRANGER]
    assert sorted(told) == sorted(table.name for table in TABLES)
    check.rebuild(city)
    assert check.verify(city).faults == ()


def _first(city: Engine, table: Table) -> dict[str, Any]:
    with city.connect() as connection:
        return dict(connection.execute(select(table)).mappings().first() or {})


def _one_of_each_cycle(city: Engine, table: Table) -> list[dict[str, Any]]:
    """A row of each cycle that has any: a fault names no more than cycle and table."""
    with city.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(table)).mappings()]
    return list({row[key_of(table).name]: row for row in reversed(rows)}.values())


def _changed(city: Engine, column: Column[Any], row: dict[str, Any]) -> tuple[str, str]:
    """Changes a column in one row; gives the cycle and the place that must be named for it."""
    table = column.table
    assert isinstance(table, Table)
    keys = [one == row[one.name] for one in table.columns if one.primary_key]
    with city.begin() as connection:
        connection.execute(update(table).where(*keys).values({column.name: _other(column, row[column.name])}))
    if table is TABLES[0]:
        return row["id"], f"cycle.{column.name}"
    return row["cycle_id"], table.name


def _other(column: Column[Any], value: Any) -> Any:
    if isinstance(column.type, UtcDateTime):
        return (value or AT) + timedelta(days=1)
    kind = column.type.python_type
    if kind is bool:
        return not value
    if kind is date:
        return (value or AT.date()) + timedelta(days=1)
    if kind in {int, float}:
        return (value or 0) + 1000
    return "{}" if column.name == "state" else f"{value}x"


def test_an_indexed_text_that_says_something_else_is_named(city: Engine) -> None:
    changed = {
        "sqlite": "UPDATE case_search SET title = 'x' WHERE rowid = (SELECT min(rowid) FROM case_search)",
        "postgresql": "UPDATE case_search SET vector = CAST('x' AS tsvector) "
        "WHERE number = (SELECT min(number) FROM case_search)",
    }
    with city.begin() as connection:
        connection.execute(text(changed[city.name]))
    assert [fault.where for fault in check.verify(city).faults] == ["case_search"]
    check.rebuild(city)
    assert check.verify(city).faults == ()
