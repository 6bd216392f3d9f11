import subprocess
import sys
from pathlib import Path

import pytest

from engine.store.database import is_current, migrate, open_database, revision_of
from engine.store.faults import NewerTablesError
from tests.support.databases import create_postgres

MIGRATE = "import sys; from engine.store.database import migrate; migrate(sys.argv[1])"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    return create_postgres(request.getfixturevalue("postgres"))


@pytest.mark.slow
def test_of_two_migrations_at_once_both_end_well_and_the_tables_are_there(empty_url: str) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", MIGRATE, empty_url], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = [(one.communicate(timeout=100)[1], one.returncode) for one in started]
    assert [code for _, code in ended] == [0, 0], ended
    database = open_database(empty_url)
    assert is_current(database)
    database.dispose()


def test_tables_that_newer_code_has_made_are_named_in_one_line_and_left_alone(empty_url: str) -> None:
    migrate(empty_url)
    database = open_database(empty_url)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'v9999'")
    with pytest.raises(NewerTablesError, match="v9999") as caught:
        migrate(empty_url)
    assert "\n" not in str(caught.value)
    with database.connect() as connection:
        assert revision_of(connection) == "v9999"
    database.dispose()
