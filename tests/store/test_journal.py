from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlmodel import SQLModel, select

from engine.contracts.cycle import AppendAnswer, AppendAsk
from engine.domain import commands as c
from engine.domain.deciding import decide
from engine.domain.desk import Desk
from engine.domain.events import Event
from engine.domain.evolving import fold
from engine.domain.opening import InitiativeAsked, open_initiative
from engine.domain.scope import OrgScope, WorkScope
from engine.store import check
from engine.store.database import is_current, migrate, reading, writing
from engine.store.directory import ORGANISATION, POLICY, Directory
from engine.store.journal import Journal
from engine.store.tables import CycleRow, JournalRow
from tests.support import city

AT = datetime(2026, 11, 24, 3, 4, 5, 678901, tzinfo=UTC)


def opening(initiative: str = "i1") -> tuple[Event, ...]:
    asked = InitiativeAsked(title="題", org_scope=OrgScope.INDIVIDUAL, org_unit="U", work_scope=WorkScope.TASK)
    opened = open_initiative(
        asked, initiative_id=initiative, owner=city.OWNER, organisation=city.organisation(), edition=None,
        on=AT.date(),
    )  # fmt: skip
    return Desk.opening(opened, AT, actor=city.OWNER).outbox


def commented(journal: Journal, cycle: str, *texts: str) -> tuple[Event, ...]:
    state = fold(journal.events(cycle))
    found: tuple[Event, ...] = ()
    for words in texts:
        command = c.Command(id=f"{cycle}-{words}", actor=city.OWNER, body=c.Comment(text=words))
        new = decide(state, command, AT)
        state, found = fold(new, state), found + new
    return found


@pytest.fixture
def journal(database: Engine) -> Journal:
    found = Journal(database)
    assert found.append(AppendAsk(cycle_id="i1-1", after=0, events=opening())) == AppendAnswer()
    return found


def test_writing_the_same_again_or_more_of_it_changes_only_what_is_new(journal: Journal) -> None:
    first, second = commented(journal, "i1-1", "一", "二")
    for events in ((first,), (first,), (first, second), (first, second)):
        assert journal.append(AppendAsk(cycle_id="i1-1", after=1, events=events)) == AppendAnswer()
    assert journal.events("i1-1", after=1) == (first, second)


def test_other_content_under_the_same_number_is_answered_with_what_is_there(journal: Journal) -> None:
    (held,) = commented(journal, "i1-1", "先")
    (late,) = commented(journal, "i1-1", "後")
    journal.append(AppendAsk(cycle_id="i1-1", after=1, events=(held,)))
    assert journal.append(AppendAsk(cycle_id="i1-1", after=1, events=(late,))).ahead == (held,)
    assert journal.append(AppendAsk(cycle_id="i1-1", after=1)).ahead == (held,)
    assert journal.events("i1-1", after=1) == (held,)


def test_a_gap_is_refused_and_nothing_is_written(journal: Journal, database: Engine) -> None:
    _, second = commented(journal, "i1-1", "一", "二")
    with pytest.raises(ValueError, match="lacks event 2"):
        journal.append(AppendAsk(cycle_id="i1-1", after=2, events=(second,)))
    assert len(journal.events("i1-1")) == 1
    assert check.verify(database).faults == ()


def test_many_writers_at_once_leave_every_chain_whole_and_positions_in_order(
    journal: Journal, database: Engine
) -> None:
    def write(number: int) -> None:
        name = f"w{number}"
        journal.append(AppendAsk(cycle_id=f"{name}-1", after=0, events=opening(name)))
        for step in range(3):
            events = commented(journal, f"{name}-1", str(step))
            journal.append(AppendAsk(cycle_id=f"{name}-1", after=step + 1, events=events))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(16)))
    report = check.verify(database)
    assert (report.cycles, report.events, report.faults) == (17, 65, ())
    with reading(database) as session:
        positions = session.exec(select(JournalRow.position).order_by(JournalRow.position)).all()  # type: ignore[arg-type]
    assert len(set(positions)) == 65


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE journal SET content = replace(content, '題', '偽') WHERE seq = 1", "chain_broken"),
        ("DELETE FROM journal WHERE seq = 2", "event_missing"),
        ("UPDATE journal SET actor = 'mallory' WHERE seq = 2", "columns_differ"),
        ("UPDATE cycle SET status = 'completed'", "projection_differs"),
        ("UPDATE cycle SET owner = 'mallory'", "projection_differs"),
        ("UPDATE cycle SET state = replace(state, '題', '偽')", "projection_differs"),
        ("DELETE FROM cycle", "cycle_not_projected"),
        ("INSERT INTO cycle_parent VALUES ('i1-1', 'i0-1', 'expand', 1)", "projection_differs"),
        (
            "INSERT INTO waiting (cycle_id, post, owner, stage, round, why, since, due_at) "
            "SELECT 'i9-1', 'head@U', 'x', 's', 1, 'post', created_at, created_at FROM cycle",
            "no_event_explains_it",
        ),
    ],
)
def test_verify_finds_every_kind_of_tampering(journal: Journal, database: Engine, change: str, code: str) -> None:
    journal.append(AppendAsk(cycle_id="i1-1", after=1, events=commented(journal, "i1-1", "一", "二")))
    assert check.verify(database).faults == ()
    with database.begin() as connection:
        connection.execute(text(change))
    assert {fault.code for fault in check.verify(database).faults} == {code}


def test_rebuild_makes_every_projection_again_from_the_journal_alone(journal: Journal, database: Engine) -> None:
    with writing(database) as session:
        for table in ("cycle", "waiting", "cycle_parent"):
            session.execute(text(f"DELETE FROM {table}"))
    assert check.verify(database).faults != ()
    assert check.rebuild(database) == 1
    report = check.verify(database)
    assert (report.faults, report.open_cycles) == ((), ("i1-1",))


def test_nothing_of_a_write_that_fails_half_way_stays(
    journal: Journal, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("engine.store.projections.project", fail)
    with pytest.raises(RuntimeError, match="disk full"):
        journal.append(AppendAsk(cycle_id="i1-1", after=1, events=commented(journal, "i1-1", "一")))
    assert len(journal.events("i1-1")) == 1


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(database: Engine, database_url: str) -> None:
    with database.connect() as connection:
        # the full-text index is no table of SQLModel's: each database has its own kind
        ours = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith("case_search")}
        assert compare_metadata(MigrationContext.configure(connection, opts=ours), SQLModel.metadata) == []
    migrate(database_url)
    assert is_current(database)


def test_an_instant_comes_back_as_it_went_in(journal: Journal, database: Engine) -> None:
    with reading(database) as session:
        row = session.get_one(CycleRow, "i1-1")
    assert row.created_at == AT


def test_the_newest_document_is_in_force_and_the_same_again_is_no_new_one(database: Engine) -> None:
    directory = Directory(database)
    first = directory.import_document(ORGANISATION, "a", city.organisation(), "test")
    assert directory.import_document(ORGANISATION, "a", city.organisation(), "test") == first
    assert directory.facts().organisation.person(city.OWNER) is not None
    smaller = city.organisation().model_copy(update={"posts": ()})
    assert directory.import_document(ORGANISATION, "b", smaller, "test") > first
    facts = directory.facts()
    assert facts.organisation.posts == ()
    directory.enter_absence("a1", city.away(city.UNIT_CHIEF, city.PROXY), "test")
    assert directory.facts().organisation.absence_of(city.UNIT_CHIEF, facts.today) is not None
    assert directory.facts().policy.id == "default"
    directory.import_document(POLICY, "own", directory.facts().policy.model_copy(update={"id": "own"}), "test")
    assert directory.facts().policy.id == "own"
