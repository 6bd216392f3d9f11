"""Comments, submissions and lives as rows: what the events say, whichever way they were written down."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, text

from engine.contracts.cycle import AppendAsk
from engine.domain.access.reading import EVERYTHING
from engine.domain.analytics.history import chronicle
from engine.domain.cycle import commands as c
from engine.domain.cycle.versions import Outcome, versions
from engine.domain.review.review import Action
from engine.store.database import writing
from engine.store.queries.cycles import Reader
from engine.store.queries.written import WrittenReader
from engine.store.record import verify as check
from engine.store.record.journal import Journal
from tests.domain.plays import Play
from tests.support import city
from tests.support.recorded import recorded

CYCLE = "i1-1"
WHOLE_LIFE = 3000


def file(mark: str) -> c.Attach:
    return c.Attach(name="見積.pdf", size=9, sha256=mark * 64)


def lively() -> Play:
    """A cycle that was said things about, returned, taken back, pulled back, and went on with files."""
    play = Play()
    play.give(city.OWNER, file("a"))
    play.give(city.OWNER, c.Comment(text="窓口で数えました"))
    play.hand_in(city.imagine())
    play.give(city.OWNER, file("b"))
    play.pass_by(timedelta(hours=1))
    play.decide(Action.RETURN, by=city.UNIT_CHIEF, reason="数字")
    play.pass_by(timedelta(hours=1))
    play.give(city.UNIT_CHIEF, c.Retract(round=1, reason="押し間違い"))
    play.decide(Action.RETURN, by=city.UNIT_CHIEF, reason="やはり数字")
    play.give(city.OWNER, file("c"))
    play.give(city.OWNER, c.Detach(n=3))
    play.hand_in(city.imagine())
    play.give(city.OWNER, c.PullBack())
    play.submit(city.imagine())
    play.pass_by(timedelta(hours=1))
    play.decide(by=city.UNIT_CHIEF)
    play.give(city.UNIT_CHIEF, c.Comment(text="よいと思います"))
    play.hand_in(city.transform())
    return play


def write(database: Engine, play: Play, each: int) -> None:
    journal = Journal(database)
    for first in range(0, len(play.events), each):
        journal.append(AppendAsk(cycle_id=CYCLE, after=first, events=play.events[first : first + each]))


@pytest.mark.parametrize("each", [1, 3, 1000])
def test_rows_say_what_the_events_say_in_however_many_pieces_they_came(database: Engine, each: int) -> None:
    play = lively()
    write(database, play, each)
    assert differing(database) == set()
    read, state = WrittenReader(database), play.state
    assert [(one.by, one.text) for one in read.comments(state)] == [
        (city.OWNER, "窓口で数えました"), (city.UNIT_CHIEF, "よいと思います"),
    ]  # fmt: skip
    found = read.submissions(state)
    assert found == versions(play.events)
    assert [one.outcome for one in found] == [
        Outcome.RETURNED, Outcome.PULLED_BACK, Outcome.APPROVED, Outcome.IN_REVIEW,
    ]  # fmt: skip
    assert len(found[0].attachments) == 2
    assert read.lives([CYCLE, "i9-1"]) == {CYCLE: chronicle(None, play.events).moments}


def differing(database: Engine) -> set[str]:
    """The tables that say something else than the events; the content of the files was never stored."""
    return {fault.where or "" for fault in check.verify(database).faults if fault.code == "projection_differs"}


def counted(database: Engine) -> list[str]:
    asked: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *given: asked.append(given[2]))
    return asked


def test_what_a_page_shows_of_a_life_of_three_thousand_events_never_reads_the_journal(database: Engine) -> None:
    cycle = recorded(database, "i1", WHOLE_LIFE - 1)
    state = Reader(database).state(cycle, EVERYTHING)
    assert state is not None
    read, asked = WrittenReader(database), counted(database)
    assert len(read.comments(state)) == WHOLE_LIFE - 1
    assert read.submissions(state) == ()
    assert len(read.lives([cycle])[cycle]) == 1
    assert len([one for one in asked if one.startswith("SELECT")]) == 2
    assert not [one for one in asked if "journal" in one]


@pytest.mark.parametrize(
    "change", ["DELETE FROM comment", "DELETE FROM submission", "UPDATE submission SET outcome = 'in_review'"]
)
def test_rows_that_the_release_before_did_not_write_are_read_from_the_journal(database: Engine, change: str) -> None:
    play = lively()
    write(database, play, 1000)
    with writing(database) as session:
        session.execute(text(change))
    read = WrittenReader(database)
    assert [one.text for one in read.comments(play.state)] == ["窓口で数えました", "よいと思います"]
    assert read.submissions(play.state) == versions(play.events)
    assert differing(database) == {"submission" if "submission" in change else "comment"}
    check.rebuild(database)
    assert differing(database) == set()
    asked = counted(database)
    assert read.submissions(play.state) == versions(play.events)
    assert len(read.comments(play.state)) == 2
    assert not [one for one in asked if "journal" in one]
