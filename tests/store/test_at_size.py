"""What is promised of the record holds above one batch of its rows too, on both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, text

from engine.domain.ledger.facts import Entry, OfferMade
from engine.domain.spread import offers
from engine.store.database import writing
from engine.store.hash_chain import GENESIS, canonical, chained
from engine.store.ledger_rows import row_of
from engine.store.record import read_rows
from engine.store.record import verify as check
from engine.store.record.journal import Journal
from engine.store.record.upgrade import project_anew
from engine.store.record.verify_ledger import LEDGER
from tests.support.recorded import recorded
from tests.support.unguarded import unguard

pytestmark = pytest.mark.slow

CYCLES, EACH = 60, 50
"""Three thousand events: three times what is read at once."""
AT = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def filled(database: Engine) -> Engine:
    journal = Journal(database)
    for number in range(CYCLES):
        recorded(database, f"i{number}", EACH - 1, journal)
    return database


def test_verify_and_rebuild_go_through_three_thousand_events(filled: Engine) -> None:
    steps: list[int] = []
    report = check.verify(filled, steps.append)
    assert (report.cycles, report.events, report.faults) == (CYCLES, CYCLES * EACH, ())
    assert sum(steps) == check.events_in(filled)
    assert len(report.open_cycles) == CYCLES
    with writing(filled) as session:
        session.execute(text("DELETE FROM cycle WHERE id IN ('i7-1', 'i59-1')"))
    assert {fault.cycle_id for fault in check.verify(filled).faults} == {"i7-1", "i59-1"}
    assert check.rebuild(filled) == CYCLES
    assert check.verify(filled).faults == ()


def test_an_upgrade_that_makes_the_tables_anew_goes_through_them_too(filled: Engine) -> None:
    with writing(filled) as session:
        session.execute(text("DELETE FROM projected"))
    assert project_anew(filled) == CYCLES
    assert check.verify(filled).faults == ()


def test_the_last_of_three_thousand_events_cannot_be_changed_unseen(filled: Engine) -> None:
    unguard(filled)
    with writing(filled) as session:
        changed = "UPDATE journal SET content = replace(content, '言葉', '話') WHERE cycle_id = 'i9-1' AND seq = :seq"
        session.execute(text(changed), {"seq": EACH})
    faults = check.verify(filled).faults
    assert [(fault.code, fault.cycle_id, fault.where) for fault in faults] == [
        ("chain_broken", "i9-1", f"seq {EACH}")
    ]


def test_the_questions_to_the_database_do_not_grow_with_the_cycles(filled: Engine) -> None:
    """One for each table and thousand events; eight for each cycle made `verify` four times as slow."""
    batches, asked = CYCLES * EACH // read_rows.BATCH, list[str]()
    event.listen(filled, "before_cursor_execute", lambda *given: asked.append(given[2]))
    check.verify(filled)
    assert len(asked) < 60 + 15 * batches < CYCLES * 2
    asked.clear()
    check.rebuild(filled)
    assert len(asked) < 60 + 15 * batches


def test_they_do_not_grow_with_the_streams_of_the_ledger_either(database: Engine) -> None:
    streams, rows, asked = 2 * read_rows.BATCH + 1, list[dict[str, Any]](), list[str]()
    for number in range(streams):
        fact = OfferMade(case_id=f"i{number}-1", org_unit="U2", message=None)
        name = offers.stream_of(offers.offer_id(fact.case_id, fact.org_unit))
        entry = Entry(stream=name, seq=1, at=AT, actor="owner", data=fact)
        content = canonical(entry)
        rows.append(row_of(entry, content, chained(GENESIS, content)).model_dump(exclude={"position"}))
    with writing(database) as session:
        session.connection().execute(insert(LEDGER), rows)
    assert len(check.verify(database).faults) == streams
    event.listen(database, "before_cursor_execute", lambda *given: asked.append(given[2]))
    check.rebuild(database)
    report = check.verify(database)
    assert (report.facts, report.faults) == (streams, ())
    assert len(asked) < 150
    with writing(database) as session:
        session.execute(text("UPDATE offer SET status = 'accepted' WHERE case_id = 'i1500-1'"))
    (fault,) = check.verify(database).faults
    assert (fault.code, fault.cycle_id, fault.where) == ("projection_differs", rows[1500]["stream"], "offer")
