import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from engine.store.database import open_database
from engine.store.faults import is_never, why


def failure(database: Engine, work: Callable[[Connection], object]) -> Exception:
    with pytest.raises(Exception) as found, database.begin() as connection:  # noqa: PT011 - which one is the question
        work(connection)
    assert isinstance(found.value, Exception)
    return found.value


def test_a_value_that_no_column_takes_is_for_ever(database: Engine) -> None:
    too_large = failure(database, lambda it: it.execute(text("SELECT CAST(:n AS INTEGER) + 1"), {"n": 10**30}))
    twice = failure(
        database,
        lambda it: [it.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": "x"}) for _ in range(2)],
    )
    assert [is_never(too_large), is_never(twice)] == [True, True]
    if database.name == "postgresql":
        assert is_never(failure(database, lambda it: it.execute(text("SELECT CAST(:t AS TEXT)"), {"t": "a\0b"})))


def test_what_a_database_says_of_itself_is_for_now(database: Engine, tmp_path: Path) -> None:
    missing = failure(database, lambda it: it.execute(text("SELECT * FROM not_made_yet")))
    assert not is_never(missing)
    assert not is_never(ConnectionRefusedError())


def test_a_locked_file_is_for_now(sqlite: Engine) -> None:
    other = sqlite3.connect(str(sqlite.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = open_database(str(sqlite.url))
    with waiting.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=1")
        with pytest.raises(Exception, match="locked") as found:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'x'")
    assert isinstance(found.value, Exception)
    assert not is_never(found.value)
    other.execute("ROLLBACK")
    other.close()
    waiting.dispose()


def test_a_failure_names_no_value(database: Engine) -> None:
    error = failure(database, lambda it: it.execute(text("SELECT * FROM not_made_yet WHERE a = :a"), {"a": "秘密"}))
    assert "秘密" not in str(error)


def test_what_is_logged_of_a_refused_row_is_the_rule_and_never_the_row(database: Engine) -> None:
    def twice(connection: Connection) -> None:
        for _ in range(2):
            connection.execute(
                text(
                    "INSERT INTO answer (person_id, key, fingerprint, created_at) VALUES ('p', :k, 'f', '2026-01-01')"
                ),
                {"k": "秘密"},
            )

    error = failure(database, twice)
    assert "秘密" not in f"{error} {error!r} {error.__cause__} {error.__cause__!r}"
    told = why(error)
    assert told["error"] == "IntegrityError"
    assert told["code"] in {"SQLITE_CONSTRAINT_PRIMARYKEY", "23505"}
    assert "秘密" not in str(told)
