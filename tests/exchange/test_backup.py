"""A city is taken along in one file and goes on elsewhere, on either kind of database and also on the other."""

import json
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from engine.contracts.cycle import AppendAnswer, AppendAsk
from engine.contracts.documents import ORGANISATION
from engine.domain.cycle import commands as c
from engine.domain.cycle.evolve import fold
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.moves.command_log import CommandLog
from engine.domain.moves.dispatch import decide
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import Step
from engine.exchange.backup.backup import back_up, bring_back, kept_tables, made_from_the_record, rows_in
from engine.exchange.errors import FileError
from engine.store import authority
from engine.store.database import looking, open_database
from engine.store.directory.blobs import Blobs
from engine.store.directory.directory import Directory
from engine.store.directory.working_copies import CopyAsked, WorkingCopies
from engine.store.record import verify as check
from engine.store.record.journal import Journal
from engine.store.tables import JournalRow
from tests.support import city
from tests.support.databases import create_postgres

pytestmark = pytest.mark.slow

AT = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)
WRITERS = 8
Somewhere = Callable[[], str]


def opened(journal: Journal, initiative: str) -> str:
    asked = InitiativeAsked(title="題𠮷", org_scope=OrgScope.INDIVIDUAL, org_unit="U", work_scope=WorkScope.TASK)
    found = open_initiative(
        asked,
        initiative_id=initiative,
        owner=city.OWNER,
        organisation=city.organisation(),
        edition=None,
        on=AT.date(),
    )
    events = CommandLog.opening(found, AT, actor=city.OWNER).outbox
    assert journal.append(AppendAsk(cycle_id=found.cycle_id, after=0, events=events)) == AppendAnswer()
    return found.cycle_id


def comment(journal: Journal, cycle: str, words: str) -> None:
    state = fold(journal.events(cycle))
    command = c.Command(
        id=f"{cycle}-{words}", actor=city.OWNER, body=c.Comment(text=words, mentions=(city.UNIT_CHIEF,))
    )
    ask = AppendAsk(cycle_id=cycle, after=state.revision, events=decide(state, command, AT).events)
    assert journal.append(ask) == AppendAnswer()


@pytest.fixture
def living(database: Engine) -> Engine:
    """A database with something in it: people, an absence, a file, two cycles, notices, a draft."""
    directory, journal = Directory(database), Journal(database)
    authority.take_over(database)
    directory.import_document(ORGANISATION, "city", city.organisation(), "test")
    directory.enter_absence("a1", city.away(city.OTHER), "test")
    Blobs(database).put(b"\x00\xff content")
    for initiative in ("i1", "i2"):
        comment(journal, opened(journal, initiative), "改行\nと\tタブ")
    writing = CopyAsked(
        cycle_id="i1-1", step=Step.IMAGINE, actor=city.OWNER, command_id="w", deliverable=city.imagine()
    )
    WorkingCopies(database, directory.now).save(writing)
    return database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def somewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Somewhere:
    """Gives the address of a database that is not there yet, of each kind."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/elsewhere/{len(list(tmp_path.iterdir()))}.db"
    cluster = request.getfixturevalue("postgres")
    return lambda: create_postgres(cluster)


def everything(engine: Engine) -> dict[str, list[str]]:
    with looking(engine) as connection:
        return {
            table.name: sorted(str(dict(row)) for row in connection.execute(select(table)).mappings())
            for table in kept_tables()
        }


def test_what_is_brought_back_is_what_was_taken_along_and_the_record_goes_on(
    living: Engine, somewhere: Somewhere, tmp_path: Path
) -> None:
    told: list[int] = []
    manifest = back_up(living, tmp_path / "city.zip", key="k", told=told.append)
    assert sum(told) == rows_in(living) == sum(note.rows for note in manifest.tables.values())
    assert (tmp_path / "city.zip").stat().st_mode & 0o077 == 0
    url = somewhere()
    _, cycles = bring_back(url, tmp_path / "city.zip")
    assert cycles == 2
    other = open_database(url)
    try:
        held = everything(other)
        assert held == everything(living)
        assert all(held[name] for name in ("journal", "document", "absence", "blob", "notice"))
        assert check.verify(other).faults == ()
        comment(Journal(other), "i1-1", "ここから")
        comment(Journal(other), opened(Journal(other), "i3"), "新しい")
        assert check.verify(other).faults == ()
    finally:
        other.dispose()


def test_a_backup_of_a_city_at_work_holds_one_moment_of_it(
    living: Engine, somewhere: Somewhere, tmp_path: Path
) -> None:
    journal, stop = Journal(living), threading.Event()
    cycles = [opened(journal, f"w{number}") for number in range(WRITERS)]
    failed: list[BaseException] = []

    def write(cycle: str) -> None:
        number = 0
        try:
            while not stop.is_set():
                number += 1
                comment(journal, cycle, f"第{number}")
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=write, args=(cycle,)) for cycle in cycles]
    for thread in threads:
        thread.start()
    try:
        manifests = [back_up(living, tmp_path / f"{number}.zip", key="k") for number in range(4)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []
    counts = [manifest.tables["journal"].rows for manifest in manifests]
    assert counts == sorted(counts)
    url = somewhere()
    bring_back(url, tmp_path / "3.zip")
    other = open_database(url)
    try:
        report = check.verify(other)
        assert (report.faults, report.events) == ((), counts[3])
    finally:
        other.dispose()
    assert check.verify(living).faults == ()


def test_a_place_that_holds_a_record_is_left_as_it_is(living: Engine, tmp_path: Path, database_url: str) -> None:
    back_up(living, tmp_path / "city.zip", key="k")
    before = everything(living)
    with pytest.raises(FileError, match="empty place"):
        bring_back(database_url, tmp_path / "city.zip")
    assert everything(living) == before


def test_a_file_that_is_there_is_not_written_over(living: Engine, tmp_path: Path) -> None:
    (tmp_path / "city.zip").write_text("mine")
    with pytest.raises(FileError, match="already"):
        back_up(living, tmp_path / "city.zip", key="k")
    assert (tmp_path / "city.zip").read_text() == "mine"
    with pytest.raises(FileError, match="cannot be written"):
        back_up(living, tmp_path / "none" / "city.zip", key="k")
    assert [one.name for one in tmp_path.glob("*.part")] == []


@pytest.mark.parametrize("harm", ["a changed row", "a table gone", "cut short", "another file", "a newer format"])
def test_a_damaged_backup_is_refused_before_anything_is_written(living: Engine, tmp_path: Path, harm: str) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    back_up(living, good, key="k")
    if harm == "cut short":
        bad.write_bytes(good.read_bytes()[:-200])
    elif harm == "another file":
        bad.write_text("hello")
    else:
        with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name == "tables/journal.jsonl" and harm == "a changed row":
                    content = content.replace("タブ".encode(), "タフ".encode())
                if name == "tables/document.jsonl" and harm == "a table gone":
                    continue
                if name == "manifest.json" and harm == "a newer format":
                    content = json.dumps(json.loads(content) | {"format": 99}).encode()
                new.writestr(name, content)
    with pytest.raises(FileError) as caught:
        bring_back(f"sqlite:///{tmp_path}/elsewhere/spiral.db", bad)
    assert "\n" not in str(caught.value)
    assert str(bad) in str(caught.value)
    assert not (tmp_path / "elsewhere").exists()


def test_every_table_is_either_taken_along_or_made_from_the_record(database: Engine) -> None:
    made = made_from_the_record()
    kept = {table.name for table in kept_tables()}
    assert {"journal", "ledger", "document", "absence", "blob", "webhook", "notice", "answer"} <= kept
    assert not kept & made
    check.rebuild(database)
    with looking(database) as connection:
        assert connection.execute(select(func.count()).select_from(JournalRow)).scalar_one() == 0
