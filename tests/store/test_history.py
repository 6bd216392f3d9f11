"""The past in SQL: as of any date, checked against the journal, made again when the code has changed."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, text

from engine.contracts.cycle import AppendAsk
from engine.store.database import reading
from engine.store.projections import history
from engine.store.record import verify as check
from engine.store.record.journal import Journal
from engine.store.record.upgrade import bring_up, project_anew
from tests.domain.plays import Play
from tests.support import city


def written(database: Engine) -> Play:
    """A cycle that went round once, written in as many pieces as there were commands."""
    play = Play()
    for deliverable in (city.imagine(), city.transform(), city.realise(), city.share()):
        play.pass_by(timedelta(days=3))
        play.hand_in(deliverable)
        play.pass_by(timedelta(days=2))
        play.decide()
    cuts = [0]
    cuts += [number for number, (one, two) in enumerate(pairwise(play.events), 1) if one.command_id != two.command_id]
    for first, last in pairwise([*cuts, len(play.events)]):
        Journal(database).append(AppendAsk(cycle_id="i1-1", after=first, events=play.events[first:last]))
    return play


def test_the_past_is_told_as_it_was_on_the_day(database: Engine) -> None:
    play = written(database)
    begun = play.events[0].at
    with reading(database) as session:
        days = [history.moments(session, begun + timedelta(days=days)) for days in (-1, 1, 4, 6, 30)]
        now = history.moments(session, None)
    assert days[0] == []
    assert [(one.step, one.waits_for, one.status) for (one,) in days[1:]] == [
        ("imagine", "owner", "active"), ("imagine", "approver", "active"), ("transform", "owner", "active"),
        ("share", "none", "completed"),
    ]  # fmt: skip
    assert days[-1] == now
    assert check.verify(database).faults == ()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cycle_history SET owner = 'mallory'",
        "DELETE FROM cycle_history WHERE until IS NULL",
        "UPDATE cycle_act SET waited_seconds = 1 WHERE kind = 'approve'",
        "DELETE FROM cycle_act WHERE kind = 'pass'",
    ],
)
def test_verify_finds_a_past_that_was_changed_and_rebuild_mends_it(database: Engine, change: str) -> None:
    written(database)
    with database.begin() as connection:
        connection.execute(text(change))
    assert {fault.code for fault in check.verify(database).faults} == {"projection_differs"}
    check.rebuild(database)
    assert check.verify(database).faults == ()


def test_a_past_that_no_event_explains_is_found(database: Engine) -> None:
    written(database)
    with database.begin() as connection:
        connection.execute(text("UPDATE cycle_act SET cycle_id = 'i9-1'"))
    found = {(fault.code, fault.cycle_id) for fault in check.verify(database).faults}
    assert ("no_event_explains_it", "i9-1") in found


def test_a_database_of_an_earlier_version_gets_its_past_from_the_journal_once(
    database: Engine, database_url: str
) -> None:
    written(database)
    with database.begin() as connection:
        for table in ("cycle_history", "cycle_act", "projected"):
            connection.execute(text(f"DELETE FROM {table}"))
    assert bring_up(database_url) == 1
    assert check.verify(database).faults == ()
    assert project_anew(database) is None
