"""The databases themselves refuse to change or remove what is on record, until somebody drops the triggers."""

import pytest
from sqlalchemy import Engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from api.cli.operate.record import told_of_guards
from engine.contracts.documents import POLICY
from engine.domain.review.policy import DEFAULT
from engine.store.database import open_database, writing
from engine.store.directory.blobs import Blobs
from engine.store.directory.directory import Directory
from engine.store.guards import guards_of, may_drop_guards, missing_guards
from engine.store.record import verify as check
from engine.store.tables import AttachmentRow
from tests.support.databases import fresh_postgres
from tests.support.recorded import recorded
from tests.support.unguarded import unguard


@pytest.fixture
def written(database: Engine) -> Engine:
    recorded(database, "i1", comments=2)
    Directory(database).import_document(POLICY, "own", DEFAULT, "adm")
    held = Blobs(database).put(b"held")
    with writing(database) as session:
        session.add(AttachmentRow(cycle_id="i1-1", n=1, sha256=held, size=4))
    return database


def tried(database: Engine, statement: str) -> int:
    with database.begin() as connection:
        return connection.execute(text(statement)).rowcount


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET actor = 'mallory' WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 2",
        "UPDATE ledger SET actor = 'mallory'",
        "DELETE FROM ledger",
        "UPDATE blob SET size = 5",
        "DELETE FROM blob",
    ],
)
def test_what_is_on_record_can_be_neither_changed_nor_removed(written: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError, match="keeps what"):
        tried(written, statement)
    unguard(written)
    assert tried(written, statement) > 0


@pytest.mark.parametrize("place", ["seq", "position"])
@pytest.mark.parametrize("table", ["journal", "ledger"])
def test_on_sqlite_nothing_is_replaced_by_putting_it_in_again(sqlite: Engine, table: str, place: str) -> None:
    recorded(sqlite, "i1", comments=2)
    Directory(sqlite).import_document(POLICY, "own", DEFAULT, "adm")
    columns = [one["name"] for one in inspect(sqlite).get_columns(table)]
    given = ", ".join(
        "'mallory'" if one == "actor" else "NULL" if one == "position" and place == "seq" else
        "seq + 100" if one == "seq" and place == "position" else one
        for one in columns
    )  # fmt: skip
    replace = f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) SELECT {given} FROM {table}"
    with pytest.raises(DBAPIError, match="keeps what"):
        tried(sqlite, replace)
    assert check.verify(sqlite).faults == ()
    unguard(sqlite)
    assert tried(sqlite, replace) > 0
    assert check.verify(sqlite).faults


@pytest.mark.postgres
def test_on_postgresql_a_record_cannot_be_emptied_at_once_either(postgres: str) -> None:
    database = open_database(fresh_postgres(postgres))
    for table in ("journal", "ledger"):
        with pytest.raises(DBAPIError, match="keeps what"):
            tried(database, f"TRUNCATE {table}")
    database.dispose()


def test_a_file_that_no_cycle_holds_can_still_be_thrown_away_and_the_tables_made_anew(written: Engine) -> None:
    blobs = Blobs(written)
    loose = blobs.put(b"loose")
    blobs.forget(loose)
    assert blobs.size(loose) is None
    assert check.rebuild(written) == 1


def test_a_guard_that_is_gone_is_named(written: Engine) -> None:
    assert missing_guards(written) == ()
    assert may_drop_guards(written)
    assert told_of_guards(written) == []
    unguard(written)
    assert told_of_guards(written)[0] == "journal_keeps_update: guard_missing"
    assert missing_guards(written) == tuple(name for _, name in guards_of(written))


@pytest.mark.postgres
def test_a_role_that_does_not_own_the_tables_writes_and_cannot_drop_the_guards(postgres: str) -> None:
    url = fresh_postgres(postgres)
    owner = open_database(url)
    role = f"app_{make_url(url).database}"
    with owner.begin() as connection:
        for statement in (
            f"CREATE ROLE {role} LOGIN",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            f"REVOKE UPDATE, DELETE ON journal, ledger FROM {role}",
        ):
            connection.execute(text(statement))
    app = open_database(make_url(url).set(username=role).render_as_string(hide_password=False))
    recorded(app, "i1", comments=1)
    assert not may_drop_guards(app)
    assert check.rebuild(app) == 1
    with pytest.raises(DBAPIError, match="permission denied"):
        tried(app, "DELETE FROM journal")
    with pytest.raises(DBAPIError, match="must be owner"):
        tried(app, "DROP TRIGGER journal_keeps_update ON journal")
    app.dispose()
    with owner.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))
    owner.dispose()
