"""Working copies under attack: a hand-in between saves, and repeats of what was discarded."""

import threading
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from engine.contracts.cycle import AppendAsk
from engine.domain.cycle import commands as c
from engine.domain.errors import DomainError
from engine.domain.steps import Step
from engine.store.directory.directory import Directory
from engine.store.directory.working_copies import CopyAsked, WorkingCopies
from engine.store.record.journal import Journal
from tests.domain.plays import Play
from tests.support import city

CYCLE = "i1-1"


def asked(words: str, command_id: str | None = None) -> CopyAsked:
    written = city.imagine().model_copy(update={"ideal_statement": words})
    name = command_id or uuid4().hex
    return CopyAsked(cycle_id=CYCLE, step=Step.IMAGINE, actor=city.OWNER, command_id=name, deliverable=written)


def test_of_all_saves_around_a_hand_in_the_last_that_was_answered_is_on_record_or_kept(
    database: Engine, play: Play, copies: WorkingCopies
) -> None:
    copies.save(asked("0"))
    told, begun = ["0"], threading.Event()

    def write() -> None:
        for n in range(1, 40):
            try:
                copies.save(asked(str(n)))
            except DomainError as error:
                assert error.refusal.code == "in_review"  # noqa: PT017 - in a thread of its own
                return
            told.append(str(n))
            if n == 3:
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(30)
    before = len(play.events)
    command = c.Command(id="s", actor=city.OWNER, body=c.Submit())
    play.give(city.OWNER, Directory(database).prepare(command, play.state).body)
    Journal(database).append(AppendAsk(cycle_id=CYCLE, after=before, events=play.events[before:]))
    writer.join()
    with database.connect() as connection:
        kept = connection.execute(text("SELECT deliverable FROM working_copy")).scalar()
    handed_in = play.state.deliverables.imagine.ideal_statement
    assert handed_in == told[-1] or f'"ideal_statement":"{told[-1]}"' in str(kept)


def test_an_id_whose_save_was_discarded_saves_nothing_again(
    database: Engine, play: Play, copies: WorkingCopies
) -> None:
    assert play.state.revision == 1
    copies.save(asked("山田花子", "k"))
    copies.discard(CYCLE, city.OWNER)
    for words in ("山田花子", "anders"):
        with pytest.raises(DomainError) as error:
            copies.save(asked(words, "k"))
        assert error.value.refusal.code == "idempotency_key_reused"
    assert copies.last_save(CYCLE, Step.IMAGINE) == "", "as the sample city asks"
    copies.save(asked("neu"))
    assert copies.last_save(CYCLE, Step.IMAGINE) != ""


def test_a_submission_insists_on_the_copy_that_was_seen(database: Engine, play: Play, copies: WorkingCopies) -> None:
    directory = Directory(database)

    def prepared(draft: int | None) -> c.Command:
        command = c.Command(id="s", actor=city.OWNER, body=c.Submit(), if_draft=draft)
        return directory.prepare(command, play.state)

    copies.save(asked("一"))
    for seen, taken in ((1, True), (None, True), (0, False), (2, False)):
        if taken:
            assert prepared(seen).body.taken is not None  # type: ignore[union-attr]
        else:
            with pytest.raises(DomainError) as error:
                prepared(seen)
            assert error.value.refusal.code == "revision_differs"
    copies.discard(CYCLE, city.OWNER)
    with pytest.raises(DomainError):
        prepared(1)
