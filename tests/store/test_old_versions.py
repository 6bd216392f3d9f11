"""A journal that an earlier release wrote is read, rebuilt and verified by a later one, and no byte of it changes."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, text

from engine.contracts.cycle import AppendAnswer, AppendAsk, CycleInput
from engine.domain.cycle.events import Commented, CycleOpened, Event
from engine.domain.ledger.facts import Entry, OfferWithdrawn
from engine.domain.upcasters import UPCASTERS, lifted, told
from engine.exchange.backup.backup import back_up
from engine.exchange.backup.offline import OfflineCheck
from engine.store.hash_chain import break_in
from engine.store.record import verify as check
from engine.store.record.journal import Journal
from tests.support.recorded import AT, recorded
from tests.support.tomorrow import CommentedOfTomorrow, tomorrow

CYCLE = "i1-1"


def rows(database: Engine) -> list[Any]:
    with database.connect() as connection:
        query = text("SELECT cycle_id, seq, type, content, hash FROM journal ORDER BY cycle_id, seq")
        return list(connection.execute(query).all())


def said(events: tuple[Event, ...]) -> list[CommentedOfTomorrow]:
    return [one.data for one in events if isinstance(one.data, CommentedOfTomorrow)]


def new_words(seq: int) -> Event:
    words = CommentedOfTomorrow(words="明日", tone="telling")
    return Event(seq=seq, at=AT + timedelta(days=1), actor="o", data=words)


def test_a_release_that_forgets_its_upcaster_cannot_read_what_was_written_and_says_where(database: Engine) -> None:
    recorded(database, "i1", comments=2)
    with tomorrow(lifts=False):
        with pytest.raises(ValidationError):
            Journal(database).events(CYCLE)
        assert [str(one) for one in check.verify(database).faults][:1] == ["i1-1: columns_differ (seq 2)"]
        with pytest.raises(check.DamagedError, match=r"^i1-1: events_do_not_fold \(seq 1\)$"):
            check.rebuild(database)
    assert check.verify(database).faults == ()


def test_what_an_earlier_release_wrote_is_read_rebuilt_and_verified_and_its_bytes_stay(database: Engine) -> None:
    recorded(database, "i1", comments=3)
    written = rows(database)
    before = Journal(database).events(CYCLE)
    with tomorrow():
        events = Journal(database).events(CYCLE)
        assert [(one.version, one.words, one.tone) for one in said(events)] == [
            (2, f"第{number}の言葉", "unknown") for number in (1, 2, 3)
        ]
        assert check.verify(database).faults == ()
        assert check.rebuild(database) == 1
        report = check.verify(database)
        assert (report.events, report.open_cycles, report.faults) == (4, (CYCLE,), ())
    assert rows(database) == written
    assert break_in(written) is None
    assert Journal(database).events(CYCLE) == before


def test_both_versions_stand_in_one_chain_and_each_is_hashed_as_it_was_written(database: Engine) -> None:
    recorded(database, "i1", comments=1)
    with tomorrow():
        journal = Journal(database)
        assert journal.append(AppendAsk(cycle_id=CYCLE, after=2, events=(new_words(3),))) == AppendAnswer()
        assert [one.words for one in said(journal.events(CYCLE))] == ["第1の言葉", "明日"]
        assert check.verify(database).faults == ()
        assert check.rebuild(database) == 1
        assert check.verify(database).faults == ()
    contents = [row.content for row in rows(database)]
    assert ['"version":1' in one for one in contents] == [True, True, False]
    assert break_in(rows(database)) is None


def test_events_that_the_release_before_had_written_are_handed_over_again_and_nothing_is_doubled(
    database: Engine,
) -> None:
    recorded(database, "i1", comments=2)
    sent = AppendAsk(cycle_id=CYCLE, after=1, events=Journal(database).events(CYCLE, after=1)).model_dump_json()
    with tomorrow():
        ask = AppendAsk.model_validate_json(sent)  # the worker died before it could answer; a later one tries again
        assert [one.version for one in said(ask.events)] == [2, 2]
        assert Journal(database).append(ask) == AppendAnswer()
        other = ask.events[1].model_copy(update={"actor": "somebody else"})
        ahead = Journal(database).append(ask.model_copy(update={"events": (ask.events[0], other)})).ahead
        assert ahead == ask.events
    assert len(rows(database)) == 3


def test_an_engine_that_is_behind_is_told_in_todays_shape(database: Engine) -> None:
    recorded(database, "i1", comments=2)
    with tomorrow():
        answer = Journal(database).append(AppendAsk(cycle_id=CYCLE, after=1))
        again = AppendAnswer.model_validate_json(answer.model_dump_json())
        assert [one.words for one in said(again.ahead)] == ["第1の言葉", "第2の言葉"]


def test_a_backup_of_the_release_before_is_checked_without_a_database(database: Engine, tmp_path: Path) -> None:
    recorded(database, "i1", comments=2)
    back_up(database, tmp_path / "city.zip", key="k")
    with tomorrow():
        offline = OfflineCheck(tmp_path / "city.zip")
        offline.run(())
        assert (offline.faults, offline.rows["journal"]) == ([], 3)


def test_several_versions_are_lifted_one_after_the_other_and_the_given_content_stays() -> None:
    given = {"type": "commented", "version": 1, "text": "x"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(UPCASTERS, ("commented", 1), lambda data: {"type": data["type"], "said": [data["text"]]})
        patch.setitem(UPCASTERS, ("commented", 2), lambda data: data | {"said": ",".join(data["said"])})
        assert lifted(given) == {"type": "commented", "version": 3, "said": "x"}
        assert told('{"seq": 1, "data": {"type": "commented", "version": 2, "said": ["y"]}}') == {
            "seq": 1,
            "data": {"type": "commented", "version": 3, "said": "y"},
        }
    assert given == {"type": "commented", "version": 1, "text": "x"}
    assert lifted(given) is given


def test_an_upcaster_never_makes_another_type_of_an_event() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(UPCASTERS, ("commented", 1), lambda data: data | {"type": "spoken"})
        with pytest.raises(ValueError, match="commented 1 was lifted to another type, spoken"):
            lifted({"type": "commented", "version": 1})


Reads = Callable[[], str]


def _opening() -> str:
    opening = {
        "type": "cycle_opened", "version": 0, "cycle_id": "i1-1", "initiative_id": "i1", "turn": 1, "kind": "start",
        "name": "題", "org_scope": "unit", "org_unit": "U", "work_scope": "task", "owner": "o",
    }  # fmt: skip
    found = CycleInput.model_validate({"opening": opening}).opening
    assert isinstance(found, CycleOpened)
    return found.title


def _fact() -> str:
    data = {"type": "offer_withdrawn", "version": 0, "name": "題"}
    found = Entry.model_validate({"stream": "offer/o1", "seq": 1, "at": AT, "actor": "o", "data": data}).data
    assert isinstance(found, OfferWithdrawn)
    return found.reason or ""


@pytest.mark.parametrize(
    ("kind", "field", "reads"), [("cycle_opened", "title", _opening), ("offer_withdrawn", "reason", _fact)]
)
def test_what_starts_a_cycle_and_what_the_ledger_holds_is_lifted_as_well(kind: str, field: str, reads: Reads) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(UPCASTERS, (kind, 0), lambda data: data | {field: data["name"]})
        assert reads() == "題"


def test_what_the_program_makes_itself_is_no_old_version() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(UPCASTERS, ("commented", 1), lambda data: data)
        event = Event(seq=1, at=AT, actor="o", data=Commented(text="x"))
    assert event.data == Commented(text="x")
