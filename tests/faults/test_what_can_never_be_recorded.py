"""What the record can never hold is refused to its asker, recorded, and lets nothing else out as a yes."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowExecutionStatus

from engine.contracts.cycle import COMMAND, workflow_id
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import CommandRefused
from engine.domain.errors import NOT_RECORDED, DomainError
from engine.domain.moves.command_log import LATER, CommandLog, Snapshot
from engine.domain.review.review import Action
from tests.support import city
from tests.support.office import Office, office
from tests.support.poison import POISON, poison
from tests.support.unguarded import unguard


@pytest.fixture
async def at(temporal: Client, database: Engine) -> AsyncIterator[Office]:
    """An office at work on a database that takes no row with the marker."""
    made = office(temporal, database)
    async with made.working():
        poison(database)
        yield made


def refusals(at: Office, cycle_id: str) -> list[tuple[str, str]]:
    events = at.journal.events(cycle_id)
    return [(one.data.command, one.data.refusal.code) for one in events if isinstance(one.data, CommandRefused)]


async def test_a_command_that_can_never_be_recorded_is_refused_on_record_and_the_cycle_goes_on(at: Office) -> None:
    cycle = await at.start()
    with pytest.raises(DomainError, match="not_recorded"):
        await at.give(cycle, city.OWNER, c.Comment(text=f"飲むと{POISON}"))
    assert refusals(at, cycle) == [("comment", "not_recorded")]
    assert (await at.give(cycle, city.OWNER, c.Comment(text="よい"))).revision == 3
    assert await at.agree(cycle)


async def test_commands_beside_the_one_that_can_never_be_recorded_are_written_and_only_then_answered(
    at: Office,
) -> None:
    cycle = await at.start()
    texts = ["一", "二", f"{POISON}", "四", "五", f"また{POISON}", "七"]
    answers = await asyncio.gather(
        *(at.give(cycle, city.OWNER, c.Comment(text=text)) for text in texts), return_exceptions=True
    )
    refused = [text for text, answer in zip(texts, answers, strict=True) if isinstance(answer, DomainError)]
    assert refused == [text for text in texts if POISON in text]
    assert at.state(cycle).comments == 5
    assert refusals(at, cycle) == [("comment", "not_recorded")] * 2
    assert await at.agree(cycle)


async def test_a_refused_decision_leaves_the_round_to_be_decided(at: Office) -> None:
    cycle = await at.start()
    await at.hand_in(cycle, city.imagine())
    with pytest.raises(DomainError, match="not_recorded"):
        await at.decide(cycle, Action.APPROVE, reason=f"よい{POISON}")
    assert at.state(cycle).decisions == ()
    assert (await at.decide(cycle)).decisions[0].action is Action.APPROVE


async def test_an_initiative_whose_opening_can_never_be_recorded_never_begins(at: Office) -> None:
    name = f"i{uuid4().hex[:10]}"
    bad = f"{name}-1"
    opened = at.journal.events(await at.start())[0].data.model_copy(
        update={"cycle_id": bad, "initiative_id": name, "title": POISON}
    )
    for _ in range(2):
        with pytest.raises(DomainError, match="not_recorded"):
            await at.gateway.start(opened, actor=city.OWNER, command_id="bad", fingerprint="bad")
    found = await at.client.get_workflow_handle(workflow_id(bad)).describe()
    assert found.status is WorkflowExecutionStatus.FAILED
    assert at.directory.state(bad) is None


async def test_a_signal_that_can_never_be_recorded_is_refused_on_record_even_when_its_sender_cannot_be_named(
    at: Office,
) -> None:
    cycle = await at.start()
    handle = at.client.get_workflow_handle(workflow_id(cycle))
    await handle.signal(COMMAND, c.Command(id=uuid4().hex, actor=city.OWNER, body=c.Comment(text=POISON)))
    await handle.signal(COMMAND, c.Command(id=uuid4().hex, actor=POISON, body=c.Comment(text="だれ")))
    await at.until(lambda: len(refusals(at, cycle)) == 2)
    assert refusals(at, cycle) == [("comment", "not_recorded")] * 2
    assert (await at.give(cycle, city.OWNER, c.Comment(text="よい"))).revision == 4


async def test_a_record_that_is_older_than_the_engine_takes_nothing_and_nobody_is_told_yes(at: Office) -> None:
    cycle = await at.start()
    await at.give(cycle, city.OWNER, c.Comment(text="一"))
    unguard(at.database)
    with at.database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM journal WHERE seq = 2")
    for _ in range(2):
        with pytest.raises(DomainError, match="record_older_than_engine"):
            await at.give(cycle, city.OWNER, c.Comment(text="二"))
    assert [event.seq for event in at.journal.events(cycle)] == [1]


async def test_what_time_brought_and_cannot_be_recorded_is_tried_again_later_and_not_at_once(at: Office) -> None:
    cycle = await at.start()
    await at.hand_in(cycle, city.imagine())
    desk = CommandLog.resumed(Snapshot(state=at.state(cycle)))
    due = desk.next_wake
    assert due is not None
    desk.elapse(due)
    assert desk.outbox
    desk.unrecordable(NOT_RECORDED, due)
    assert (desk.outbox, desk.state, desk.next_wake) == ((), at.state(cycle), due + LATER)
    desk.elapse(due + LATER)
    assert desk.outbox
