"""Rows that do not go together: rebuilding says where, in one line, and leaves everything as it was."""

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from api.cli.main import app
from engine.runtime.problems import SetupError
from engine.store.queries.reconciling import Reconciling
from engine.store.record import verify as check
from tests.support.recorded import recorded
from tests.support.unguarded import unguard

SWAP = (
    "UPDATE journal SET seq = 99 WHERE cycle_id = 'i1-1' AND seq = 2",
    "UPDATE journal SET seq = 2 WHERE cycle_id = 'i1-1' AND seq = 3",
    "UPDATE journal SET seq = 3 WHERE cycle_id = 'i1-1' AND seq = 99",
)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (SWAP, "i1-1: chain_broken (seq 2)"),
        (("DELETE FROM journal WHERE cycle_id = 'i1-1' AND seq = 1",), "i1-1: event_missing (seq 1)"),
        (("UPDATE journal SET content = 'x' WHERE cycle_id = 'i1-1' AND seq = 2",), "i1-1: chain_broken (seq 2)"),
    ],
)
def test_rebuilding_from_damaged_rows_names_the_place_and_changes_nothing(
    database: Engine, damage: tuple[str, ...], said: str
) -> None:
    recorded(database, "i1", comments=3)
    recorded(database, "i2", comments=1)
    before = [state.cycle_id for state in Reconciling(database).open_states()]
    unguard(database)
    with database.begin() as connection:
        for statement in damage:
            connection.execute(text(statement))
    with pytest.raises(check.DamagedError, match=said.replace("(", r"\(").replace(")", r"\)")):
        check.rebuild(database)
    assert [state.cycle_id for state in Reconciling(database).open_states()] == before == ["i1-1", "i2-1"]


def test_the_command_says_it_on_one_line(
    database_url: str, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIRAL_DATABASE_URL", database_url)
    recorded(database, "i1", comments=3)
    unguard(database)
    with database.begin() as connection:
        connection.execute(text(SWAP[0]))
    done = CliRunner().invoke(app, ["rebuild"])
    assert isinstance(done.exception, SetupError)
    assert str(done.exception).count("\n") == 0
    assert "i1-1: event_missing (seq 2)" in str(done.exception)
