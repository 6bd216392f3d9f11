"""Working copies in the database: two writers at once, a hand-in at that instant, backup and rebuild."""

import threading
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from engine.contracts.cycle import AppendAsk
from engine.domain.access.reading import EVERYTHING, clearance_of
from engine.domain.cycle import commands as c
from engine.domain.cycle.working_copy import CopyMark
from engine.domain.deliverables import Imagine
from engine.domain.errors import DomainError, FieldError
from engine.domain.steps import Step
from engine.exchange.backup.backup import kept_tables
from engine.store.directory.directory import Directory
from engine.store.directory.working_copies import CopyAsked, Typed, WorkingCopies, kept_copies
from engine.store.queries.cycles import Reader
from engine.store.record import verify as check
from engine.store.record.journal import Journal
from tests.domain.plays import Play
from tests.support import city

CYCLE = "i1-1"


def asked(words: str = "届く", **more: Any) -> CopyAsked:
    given: dict[str, Any] = {
        "cycle_id": CYCLE, "step": Step.IMAGINE, "actor": city.OWNER, "command_id": uuid4().hex,
        "deliverable": Imagine(ideal_statement=words),
    }  # fmt: skip
    return CopyAsked(**(given | more))


def kept(database: Engine) -> Any:
    with Session(database) as session:
        return kept_copies(session, {CYCLE: Step.IMAGINE}).get(CYCLE)


def submission(database: Engine, play: Play) -> AppendAsk:
    """A submission as the engine decides it, on what is written now."""
    before = len(play.events)
    plain = c.Command(id=uuid4().hex, actor=city.OWNER, body=c.Submit())
    prepared = Directory(database).prepare(plain, play.state)
    play.give(city.OWNER, prepared.body)
    return AppendAsk(cycle_id=CYCLE, after=before, events=play.events[before:])


def refused(work: Any) -> str:
    with pytest.raises(DomainError) as error:
        work()
    return error.value.refusal.code


def test_of_two_who_have_seen_the_same_only_the_first_saves(
    database: Engine, play: Play, copies: WorkingCopies
) -> None:
    assert str(copies.save(asked("一", seen=CopyMark(cycle=1)))) == "1.1"
    assert refused(lambda: copies.save(asked("二", seen=CopyMark(cycle=1)))) == "revision_differs"
    assert str(copies.save(asked("三", seen=CopyMark(cycle=1, draft=1)))) == "1.2"
    assert refused(lambda: copies.discard(CYCLE, city.OWNER, CopyMark(cycle=1, draft=1))) == "revision_differs"
    assert kept(database).deliverable.ideal_statement == "三"
    assert Journal(database).events(CYCLE) == play.events, "no event came of it"


def test_two_at_the_same_instant_never_overwrite_each_other_unseen(
    database: Engine, play: Play, copies: WorkingCopies
) -> None:
    assert play.state.revision == 1
    told: list[str] = []

    def write(words: str) -> None:
        try:
            told.append(str(copies.save(asked(words, seen=CopyMark(cycle=1)))))
        except DomainError as error:
            told.append(error.refusal.code)

    writers = [threading.Thread(target=write, args=(str(n),)) for n in range(6)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert sorted(told) == ["1.1", *["revision_differs"] * 5]
    assert kept(database).revision == 1


def test_the_same_save_once_more_changes_nothing_and_another_under_its_id_is_refused(
    database: Engine, play: Play, copies: WorkingCopies
) -> None:
    assert play.state.step is Step.IMAGINE
    first = asked("一", command_id="k", seen=CopyMark(cycle=1))
    assert copies.save(first) == copies.save(first) == CopyMark(cycle=1, draft=1)
    assert refused(lambda: copies.save(asked("二", command_id="k"))) == "idempotency_key_reused"
    assert kept(database).deliverable.ideal_statement == "一"


def test_what_was_discarded_is_gone_from_the_table_and_its_number_never_comes_back(
    database: Engine, play: Play, copies: WorkingCopies
) -> None:
    assert refused(lambda: copies.discard(CYCLE, city.OTHER)) == "owner_only"
    copies.save(asked("山田花子 090-1234-5678"))
    copies.discard(CYCLE, city.OWNER)
    copies.discard(CYCLE, city.OWNER)
    with database.connect() as connection:
        rows = connection.execute(text("SELECT * FROM working_copy")).all()
    assert not [part for row in rows for part in row if "花子" in str(part)]
    assert kept(database) is None
    assert str(copies.save(asked("二", seen=CopyMark(cycle=play.state.revision)))) == "1.2"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"actor": city.OTHER}, "owner_only"),
        ({"cycle_id": "none-1"}, "unknown_cycle"),
        ({"step": Step.SHARE, "deliverable": city.share()}, "another_step"),
        ({"deliverable": city.long_imagine(80_000)}, "invalid_fields"),
    ],
)
def test_only_the_owner_writes_and_only_the_current_step(
    play: Play, copies: WorkingCopies, more: dict[str, Any], code: str
) -> None:
    assert play.state.revision == 1
    assert refused(lambda: copies.save(asked(**more))) == code


def test_a_submission_takes_the_working_copy_away_with_its_event(
    database: Engine, play: Play, copies: WorkingCopies
) -> None:
    copies.save(asked(deliverable=city.imagine()))
    ask = submission(database, play)
    assert kept(database) is not None, "as long as the event is not written"
    Journal(database).append(ask)
    assert kept(database) is None
    submitted = ask.events[0].data
    assert (submitted.type, submitted.deliverable, submitted.draft) == ("step_submitted", city.imagine(), 1)
    assert Directory(database).state(CYCLE) == play.state
    assert play.state.deliverables.imagine == city.imagine()
    assert refused(lambda: copies.save(asked("zu spät"))) == "in_review"
    Journal(database).append(ask)
    assert check.verify(database).faults == ()


def test_what_another_tab_saved_while_it_was_handed_in_stays(
    database: Engine, play: Play, copies: WorkingCopies
) -> None:
    copies.save(asked(deliverable=city.imagine()))
    ask = submission(database, play)
    copies.save(asked("später"))
    Journal(database).append(ask)
    assert kept(database).deliverable.ideal_statement == "später"
    owner = clearance_of(city.OWNER, Directory(database).facts())
    seen = Reader(database).cycle(CYCLE, owner)
    assert seen is not None
    assert seen.state.deliverables.imagine == city.imagine(), "in review stands what was handed in"
    assert str(seen.mark) == f"{play.state.revision}.2"
    before = len(play.events)
    play.give(city.OWNER, c.PullBack())
    Journal(database).append(AppendAsk(cycle_id=CYCLE, after=before, events=play.events[before:]))
    again = Reader(database).cycle(CYCLE, owner)
    assert again is not None
    assert again.state.deliverables.imagine.ideal_statement == "später"


def test_what_cannot_be_read_stands_beside_what_could_and_is_not_handed_in(
    database: Engine, play: Play, copies: WorkingCopies
) -> None:
    copies.save(asked(deliverable=city.imagine()))
    wrong = FieldError(pointer="/as_is/cases_per_year", code="number_expected")
    typed = Typed(texts={"as_is.cases_per_year": ("many",)}, faults=(wrong,))
    copies.save(asked(deliverable=None, typed=typed))
    found = kept(database)
    assert (found.deliverable, found.typed, found.is_valid) == (city.imagine(), typed.texts, False)
    with pytest.raises(DomainError) as error:
        submission(database, play)
    assert error.value.refusal.errors == (wrong,)
    copies.save(asked(deliverable=city.imagine()))
    assert kept(database).is_valid
    Journal(database).append(submission(database, play))


def test_a_draft_by_the_old_way_still_counts_and_none_is_saved_past_a_working_copy(
    database: Engine, play: Play, copies: WorkingCopies
) -> None:
    before = len(play.events)
    play.draft(Imagine(ideal_statement="früher"))
    Journal(database).append(AppendAsk(cycle_id=CYCLE, after=before, events=play.events[before:]))
    owner = clearance_of(city.OWNER, Directory(database).facts())
    old = Reader(database).state(CYCLE, owner)
    assert old is not None
    assert old.deliverables.imagine.ideal_statement == "früher"
    copies.save(asked("jetzt", seen=CopyMark(cycle=2)))
    new = Reader(database).state(CYCLE, owner)
    assert new is not None
    assert new.deliverables.imagine.ideal_statement == "jetzt"
    by_event = c.Command(id="x", actor=city.OWNER, body=c.SaveDraft(deliverable=city.imagine()))
    assert refused(lambda: Directory(database).prepare(by_event, play.state)) == "working_copy_kept"
    copies.discard(CYCLE, city.OWNER)
    assert Reader(database).state(CYCLE, owner) == old
    assert Directory(database).prepare(by_event, play.state).body == by_event.body


def test_only_who_reads_drafts_is_shown_a_working_copy_and_the_application_itself_never(
    database: Engine, play: Play, copies: WorkingCopies
) -> None:
    copies.save(asked("nur hier"))
    facts, reader = Directory(database).facts(), Reader(database)
    for person, shown in ((city.OWNER, True), (city.SECTION_HEAD, True), (city.OTHER, False)):
        found = reader.cycle(CYCLE, clearance_of(person, facts))
        assert (found is not None and found.working_copy is not None) == shown, person
    for on_record in (reader.on_record().cycle, reader.on_record().state):
        assert "nur hier" not in str(on_record(CYCLE, clearance_of(city.OWNER, facts))), "what leaves as a file"
    whole = reader.cycle(CYCLE, EVERYTHING)
    assert whole is not None
    assert (whole.working_copy, whole.state) == (None, play.state)
    assert "nur hier" not in whole.state.model_dump_json()


def test_a_rebuild_leaves_working_copies_alone_and_a_backup_takes_them_along(
    database: Engine, play: Play, copies: WorkingCopies
) -> None:
    copies.save(asked("bleibt"))
    check.rebuild(database)
    assert kept(database).deliverable.ideal_statement == "bleibt"
    assert "working_copy" in {table.name for table in kept_tables()}
    assert check.verify(database).faults == ()
    assert play.state.revision == 1
