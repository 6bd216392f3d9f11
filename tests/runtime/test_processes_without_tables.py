"""`spiral api` and `spiral worker` on a database that is not ready say what to do, in one line."""

from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli.main import app
from engine.runtime.problems import SetupError
from engine.store.database import is_behind, migrate, open_database
from tests.support.databases import create_postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return create_postgres(request.getfixturevalue("postgres"))


@pytest.mark.parametrize("part", ["api", "worker"])
def test_a_database_without_tables_or_that_does_not_answer_is_said_in_one_line(
    empty: str, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIRAL_SECRET", "s" * 40)
    for url, said in ((empty, "spiral migrate"), (f"sqlite:///{tmp_path}/nowhere/spiral.db", "does not answer")):
        monkeypatch.setenv("SPIRAL_DATABASE_URL", url)
        done = CliRunner().invoke(app, [part, "--data-dir", str(tmp_path / "data")])
        assert isinstance(done.exception, SetupError), done.exception
        assert said in str(done.exception)
        assert "\n" not in str(done.exception)


def test_older_tables_are_behind_and_those_of_a_newer_version_are_not(empty: str) -> None:
    database = open_database(empty)
    assert is_behind(database)
    migrate(empty)
    assert not is_behind(database)
    for revision, behind in (("0014", True), ("9999", False)):
        with database.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        assert is_behind(database) is behind
    database.dispose()
