"""Rows that do not go together: rebuilding says where, in one line, and leaves everything as it was."""

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from api.cli.main import app
from engine.contracts.documents import ORGANISATION
from engine.runtime.problems import SetupError
from engine.store.directory.directory import Directory
from engine.store.hash_chain import GENESIS, hashes
from engine.store.queries.reconciling import Reconciling
from engine.store.record import verify as check
from tests.support import city
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


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE journal SET at = 'gestern' WHERE cycle_id = 'i1-1' AND seq = 2", "i1-1: columns_differ (seq 2)"),
        ("UPDATE journal SET seq = 'zwei' WHERE cycle_id = 'i1-1' AND seq = 2", "i1-1: event_missing (seq 2)"),
        ("UPDATE journal SET content = x'ff' WHERE cycle_id = 'i1-1' AND seq = 2", "i1-1: chain_broken (seq 2)"),
        ("UPDATE cycle SET updated_at = 'gestern' WHERE id = 'i1-1'", "i1-1: projection_differs (cycle.*)"),
        ("UPDATE cycle SET turn = 'eins' WHERE id = 'i1-1'", "i1-1: projection_differs (cycle.turn)"),
        (
            "UPDATE cycle_history SET since = 'gestern' WHERE cycle_id = 'i1-1'",
            "i1-1: projection_differs (cycle_history)",
        ),
    ],
)
def test_what_is_no_value_of_its_column_is_named_like_any_other_fault(sqlite: Engine, damage: str, said: str) -> None:
    for number in range(3):
        recorded(sqlite, f"i{number}", comments=2)
    unguard(sqlite)
    with sqlite.begin() as connection:
        connection.exec_driver_sql(damage)
    assert [str(fault) for fault in check.verify(sqlite).faults] == [said]


def test_rows_that_stand_under_another_name_are_named_and_nothing_is_made_from_them(database: Engine) -> None:
    recorded(database, "i1", comments=1)
    unguard(database)
    with database.begin() as connection:
        connection.execute(text("UPDATE journal SET cycle_id = 'i2-1'"))
    assert "i2-1: columns_differ (seq 1)" in [str(fault) for fault in check.verify(database).faults]
    with pytest.raises(check.DamagedError, match=r"^i2-1: columns_differ \(seq 1\)$"):
        check.rebuild(database)


def test_events_that_never_went_together_are_named_though_their_chain_is_whole(database: Engine) -> None:
    recorded(database, "i1", comments=1)
    unguard(database)
    with database.begin() as connection:
        spoken = connection.execute(text("SELECT content FROM journal WHERE seq = 2")).scalar_one()
        first = spoken.replace('"seq":2', '"seq":1')
        connection.execute(text("DELETE FROM journal WHERE seq = 1"))
        put = text("UPDATE journal SET seq = 1, content = :content, hash = :link")
        connection.execute(put, {"content": first, "link": hashes(GENESIS, [first])[0]})
    assert "i1-1: events_do_not_fold (seq 1)" in [str(fault) for fault in check.verify(database).faults]
    with pytest.raises(check.DamagedError, match=r"^i1-1: events_do_not_fold \(seq 1\)$"):
        check.rebuild(database)


def test_facts_that_cannot_be_read_end_a_rebuild_in_one_line(database: Engine) -> None:
    Directory(database).import_document(ORGANISATION, "city", city.organisation(), "adm")
    unguard(database)
    with database.begin() as connection:
        forged = {"content": "{}", "link": hashes(GENESIS, ["{}"])[0]}
        put = "UPDATE ledger SET content = :content, hash = :link WHERE seq = 1 AND stream LIKE 'document/%'"
        connection.execute(text(put), forged)
    assert "columns_differ" in {fault.code for fault in check.verify(database).faults}
    with pytest.raises(check.DamagedError, match=r"^document/.*: columns_differ \(seq 1\)$"):
        check.rebuild(database)
