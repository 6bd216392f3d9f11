import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine, text
from sqlmodel import SQLModel, select

from engine.contracts.cycle import AppendAnswer, AppendAsk
from engine.contracts.documents import ORGANISATION, POLICY
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import Event
from engine.domain.cycle.evolve import fold
from engine.domain.cycle.state import CycleState
from engine.domain.errors import DomainError
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.moves.command_log import CommandLog
from engine.domain.moves.dispatch import decide
from engine.domain.scope import OrgScope, WorkScope
from engine.store.database import is_current, migrate, reading, writing
from engine.store.directory.directory import Directory
from engine.store.hash_chain import canonical
from engine.store.record import verify as check
from engine.store.record.journal import Journal
from engine.store.tables import CycleRow, JournalRow
from tests.support import city
from tests.support.unguarded import unguard

RECORDED = Path(__file__).parent / "recorded" / "journal.jsonl"
AT = datetime(2026, 11, 24, 3, 4, 5, 678901, tzinfo=UTC)


def opening(initiative: str = "i1") -> tuple[Event, ...]:
    asked = InitiativeAsked(title="題", org_scope=OrgScope.INDIVIDUAL, org_unit="U", work_scope=WorkScope.TASK)
    opened = open_initiative(
        asked, initiative_id=initiative, owner=city.OWNER, organisation=city.organisation(), edition=None,
        on=AT.date(),
    )  # fmt: skip
    return CommandLog.opening(opened, AT, actor=city.OWNER).outbox


def commented(journal: Journal, cycle: str, *texts: str) -> tuple[Event, ...]:
    state = fold(journal.events(cycle))
    found: tuple[Event, ...] = ()
    for words in texts:
        command = c.Command(id=f"{cycle}-{words}", actor=city.OWNER, body=c.Comment(text=words))
        new, state = decide(state, command, AT)
        found += new
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
    with pytest.raises(DomainError, match="record_older_than_engine"):
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
    unguard(database)
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


class Spelt(BaseModel):
    """Everything that has a spelling: an alias, an instant, a day, a fraction, none, text of two kinds."""

    model_config = ConfigDict(frozen=True)

    zeta: int = Field(1, alias="from")
    at: datetime = AT
    day: date = AT.date()
    part: float = 0.1
    none: str | None = None
    words: tuple[str, ...] = ("題", 'two "2"\n')


def test_what_is_hashed_is_spelt_the_same_to_the_byte() -> None:
    assert canonical(Spelt()) == (
        '{"at":"2026-11-24T03:04:05.678901Z","day":"2026-11-24","from":1,"none":null,"part":0.1,'
        '"words":["題","two \\"2\\"\\n"]}'
    )


def test_a_journal_that_an_earlier_version_wrote_is_whole_and_can_be_gone_on_with(database: Engine) -> None:
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    written = [json.loads(line) for line in lines]
    rows = [JournalRow(**one | {"at": datetime.fromisoformat(one["at"])}) for one in written]
    with writing(database) as session:
        session.add_all(rows)
    assert check.rebuild(database) == 2
    journal, cycle = Journal(database), rows[-1].cycle_id
    last = journal.events(cycle)[-1]
    events = commented(journal, cycle, "続き", "その続き")
    for event in events:
        assert journal.append(AppendAsk(cycle_id=cycle, after=event.seq - 1, events=(event,))) == AppendAnswer()
    assert events[0].seq == last.seq + 1
    report = check.verify(database)
    assert (report.events, report.faults) == (len(lines) + 2, ())


def test_two_processes_that_write_in_turn_each_go_on_from_what_the_other_wrote(
    journal: Journal, database: Engine
) -> None:
    writers = (journal, Journal(database))
    for number in range(6):
        event = commented(journal, "i1-1", str(number))
        assert writers[number % 2].append(AppendAsk(cycle_id="i1-1", after=number + 1, events=event)).ahead == ()
        if number % 3 == 0:  # a whole rebuild in between
            check.rebuild(database)
    report = check.verify(database)
    assert (report.events, report.faults) == (7, ())
    with reading(database) as session:
        assert CycleState.model_validate_json(session.get_one(CycleRow, "i1-1").state).comments == 6


def test_a_cycle_whose_row_is_gone_is_not_written_past_it(journal: Journal, database: Engine) -> None:
    with writing(database) as session:
        session.execute(text("DELETE FROM cycle"))
    with pytest.raises(LookupError, match="rebuild"):
        journal.append(AppendAsk(cycle_id="i1-1", after=1, events=commented(journal, "i1-1", "一")))
    assert len(journal.events("i1-1")) == 1


def test_nothing_of_a_write_that_fails_half_way_stays(
    journal: Journal, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("engine.store.projections.cycles.project", fail)
    with pytest.raises(RuntimeError, match="disk full"):
        journal.append(AppendAsk(cycle_id="i1-1", after=1, events=commented(journal, "i1-1", "一")))
    assert len(journal.events("i1-1")) == 1
    monkeypatch.undo()
    assert journal.append(AppendAsk(cycle_id="i1-1", after=1, events=commented(journal, "i1-1", "一"))).ahead == ()
    assert check.verify(database).faults == ()


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
