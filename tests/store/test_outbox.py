from datetime import timedelta

import pytest
from sqlalchemy import Engine

from engine.contracts.cycle import AppendAnswer, AppendAsk
from engine.contracts.documents import ORGANISATION
from engine.domain.access.reading import EVERYTHING
from engine.domain.cycle.events import SYSTEM, Event
from engine.domain.notices.preferences import Channel, Digest, Preferences
from engine.store.directory.directory import Directory
from engine.store.outbox import Outbox
from engine.store.record import verify as check
from engine.store.record.journal import Journal
from tests.domain.plays import Play
from tests.support import city


@pytest.fixture
def journal(database: Engine) -> Journal:
    Directory(database).import_document(ORGANISATION, "test", city.organisation(), by="test")
    return Journal(database)


def handed_in(journal: Journal) -> tuple[Event, ...]:
    play = Play()
    play.hand_in(city.imagine())
    assert journal.append(AppendAsk(cycle_id="i1-1", after=0, events=play.events)) == AppendAnswer()
    return play.events


def test_a_notice_stands_in_the_outbox_as_soon_as_its_event_stands_in_the_journal(
    database: Engine, journal: Journal
) -> None:
    events = handed_in(journal)
    (row,) = Outbox(database).notices(city.UNIT_CHIEF, 10, EVERYTHING)
    assert (row.id, row.kind, row.created_at) == (f"i1-1/{events[-1].seq}/chief", "decision_waits", events[-1].at)
    assert Outbox(database).notices(city.OWNER, 10, EVERYTHING) == []
    assert check.verify(database).faults == ()


def test_writing_the_same_events_again_tells_nobody_again(database: Engine, journal: Journal) -> None:
    events = handed_in(journal)
    for _ in range(2):
        journal.append(AppendAsk(cycle_id="i1-1", after=0, events=events))
    assert len(Outbox(database).notices(None, 10, EVERYTHING)) == 1


def test_rebuilding_the_projections_tells_nobody_again_and_loses_no_notice(
    database: Engine, journal: Journal
) -> None:
    handed_in(journal)
    check.rebuild(database)
    assert len(Outbox(database).notices(None, 10, EVERYTHING)) == 1


def test_a_notice_that_cannot_be_worked_out_never_keeps_an_event_out_of_the_journal(
    database: Engine, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("a bug")

    monkeypatch.setattr("engine.store.outbox.notices_of", broken)
    events = handed_in(journal)
    assert journal.events("i1-1") == events
    assert Outbox(database).notices(None, 10, EVERYTHING) == []


def test_reading_is_noted_once_and_by_nobody_else(database: Engine, journal: Journal) -> None:
    events = handed_in(journal)
    outbox, at = Outbox(database), events[-1].at
    (row,) = outbox.notices(city.UNIT_CHIEF, 10, EVERYTHING, unread=True)
    assert row.number is not None
    assert outbox.mark_read(row.number, city.OWNER, at) is None
    outbox.mark_read(row.number, city.UNIT_CHIEF, at)
    again = outbox.mark_read(row.number, city.UNIT_CHIEF, at + timedelta(days=1))
    assert again is not None
    assert again.read_at == at
    assert outbox.notices(city.UNIT_CHIEF, 10, EVERYTHING, unread=True) == []


def test_a_choice_is_kept_and_without_one_the_defaults_hold(database: Engine, journal: Journal) -> None:
    outbox = Outbox(database)
    assert outbox.preferences(city.OWNER) == Preferences()
    chosen = Preferences(channels=(Channel.CHAT,), digest=Digest.DAILY, language="en")
    for one in (Preferences(), chosen):
        outbox.choose(city.OWNER, one, handed_in(journal)[-1].at)
    assert outbox.preferences(city.OWNER) == chosen
    assert outbox.preferences(SYSTEM) == Preferences()
