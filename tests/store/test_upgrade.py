"""A database of the first version, with cycles in it, is brought up to date and says the same as before."""

from pathlib import Path

from alembic import command
from sqlalchemy import Engine, create_engine, inspect, text

from engine.contracts.cycle import AppendAsk
from engine.domain.access.reading import EVERYTHING
from engine.domain.cycle.evolve import fold
from engine.domain.lineage.next_cycles import opening_of
from engine.store.database import alembic_config, migrate, open_database
from engine.store.queries.cycles import Reader
from engine.store.record import verify as check
from engine.store.record.journal import Journal
from tests.domain.plays import Play

FIRST = "0001"
_GAINED = (("id, realised_at, verdict", "cycle"), ("cycle_id, parent_id, kind, seq", "cycle_parent"))
TABLES = ("journal", "cycle", "cycle_parent", "waiting")


def filled(database: Engine) -> None:
    """A completed cycle, and the larger one that follows."""
    play = Play()
    state = play.turn({"kind": "expand", "org_scope": "unit", "work_scope": "process", "reason": "効いた"})
    larger = Play(opened=opening_of(state, state.next_cycles[0]))
    for events in (play.events, larger.events):
        ask = AppendAsk(cycle_id=fold(events).cycle_id, after=0, events=events)
        Journal(database).append(ask)


def as_it_was(new: Engine, file: Path) -> str:
    """The same rows in the tables of the first version."""
    url = f"sqlite:///{file}"
    old = create_engine(url)
    with old.begin() as connection:
        command.upgrade(alembic_config(connection), FIRST)
    with old.begin() as target, new.connect() as source:
        for table in TABLES:
            names = [one["name"] for one in inspect(old).get_columns(table)]
            rows = source.execute(text(f"SELECT {', '.join(names)} FROM {table}")).mappings().all()
            places = ", ".join(f":{name}" for name in names)
            for row in rows:
                target.execute(text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"), dict(row))
    old.dispose()
    return url


def test_cycles_of_the_first_version_survive_and_their_projections_are_whole(sqlite: Engine, tmp_path: Path) -> None:
    filled(sqlite)
    url = as_it_was(sqlite, tmp_path / "old.db")
    migrate(url)
    upgraded = open_database(url)
    places = {fault.where for fault in check.verify(upgraded).faults}
    assert not {place for place in places if place.startswith("cycle.") or place in ("cycle_parent", "waiting")}
    for cycle in ("i1-1", "i1-1.1"):
        assert Reader(upgraded).cycle(cycle, EVERYTHING) == Reader(sqlite).cycle(cycle, EVERYTHING)
    with upgraded.connect() as connection, sqlite.connect() as other:
        for columns, table in _GAINED:
            query = text(f"SELECT {columns} FROM {table} ORDER BY 1")
            assert connection.execute(query).all() == other.execute(query).all()
    assert check.rebuild(upgraded) == 2
    assert check.verify(upgraded).faults == ()
    upgraded.dispose()


def test_where_a_cycle_was_copied_from_is_known_before_anything_is_made_anew(database: Engine) -> None:
    play = Play()
    copied = Play(opened=play.events[0].data.model_copy(update={"cycle_id": "i2-1", "copied_from": "i1-1"}))
    for one in (play, copied):
        Journal(database).append(AppendAsk(cycle_id=one.state.cycle_id, after=0, events=one.events))
    with database.begin() as connection:
        command.downgrade(alembic_config(connection), "0024")
    with database.begin() as connection:
        command.upgrade(alembic_config(connection), "head")
    with database.connect() as connection:
        found = connection.execute(text("SELECT id, copied_from FROM cycle ORDER BY id")).all()
    assert [tuple(one) for one in found] == [("i1-1", ""), ("i2-1", "i1-1")]
