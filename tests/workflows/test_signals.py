from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import date
from uuid import uuid4

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.worker import Worker

from activities.directory import DirectoryActivities
from activities.journal import JournalActivities
from engine.contracts.cycle import COMMAND, workflow_id
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import CommandRefused, Commented
from engine.domain.cycle.state import CycleState
from engine.domain.review.review import Action
from engine.domain.steps import Step
from tests.support import city
from tests.support.office import Office, office
from workflows.registry import WORKFLOWS
from workflows.signals import LOOK_UP


async def signal(at: Office, cycle_id: str, payload: object) -> None:
    await at.client.get_workflow_handle(workflow_id(cycle_id)).signal(COMMAND, payload)


def refusals(at: Office, cycle_id: str) -> list[CommandRefused]:
    return [event.data for event in at.journal.events(cycle_id) if isinstance(event.data, CommandRefused)]


async def test_another_system_can_take_a_step_through_by_signals_alone(working: Office) -> None:
    cycle = await working.start()
    bodies = (c.SaveDraft(deliverable=city.imagine()), c.Submit())
    for body in bodies:
        await signal(working, cycle, c.Command(id=uuid4().hex, actor=city.OWNER, body=body))
    approve = c.Decide(action=Action.APPROVE, round=1)
    await signal(working, cycle, c.Command(id=uuid4().hex, actor=city.UNIT_CHIEF, body=approve))
    await working.until(lambda: working.state(cycle).step is Step.TRANSFORM)
    assert refusals(working, cycle) == []


async def test_a_signal_that_comes_twice_does_nothing_twice(working: Office) -> None:
    cycle = await working.start()
    command = c.Command(id="the-same", actor=city.OWNER, body=c.Comment(text="一度"))
    await signal(working, cycle, command)
    await signal(working, cycle, command)
    await working.give(cycle, city.OWNER, c.Comment(text="あと"))
    await working.until(lambda: working.state(cycle).comments == 2)
    assert working.state(cycle).revision == 3


async def test_a_refused_signal_is_recorded_with_its_reason_and_the_cycle_goes_on(working: Office) -> None:
    cycle = await working.start()
    await signal(working, cycle, c.Command(id="early", actor=city.OWNER, body=c.Submit()))
    await working.until(lambda: working.state(cycle).revision == 2)
    (refused,) = refusals(working, cycle)
    assert (refused.command, refused.refusal.code) == ("submit", "invalid_fields")
    receipt = await working.give(cycle, city.OWNER, c.Comment(text="まだ動く"))
    assert receipt.revision == 3


async def test_an_unreadable_signal_is_recorded_and_stops_nothing(working: Office) -> None:
    cycle = await working.start()
    await signal(working, cycle, {"body": {"type": "fly"}})
    await working.until(lambda: working.state(cycle).revision == 2)
    assert [one.refusal.code for one in refusals(working, cycle)] == ["unreadable_command"]
    assert (await working.give(cycle, city.OWNER, c.Comment(text="まだ動く"))).revision == 3


async def test_a_key_that_was_refused_as_a_signal_can_be_used_for_a_command_that_fits(working: Office) -> None:
    cycle = await working.start()
    await signal(working, cycle, c.Command(id="key", actor=city.OWNER, body=c.PullBack()))
    await working.until(lambda: working.state(cycle).revision == 2)
    receipt = await working.give(cycle, city.OWNER, c.Comment(text="今度は"), "key")
    assert receipt.revision == 3


async def test_a_file_can_be_attached_by_signal_once_its_content_is_there_and_else_the_refusal_is_recorded(
    working: Office,
) -> None:
    cycle = await working.start()
    sha256 = working.directory.blobs.put(b"content")
    for number, (name, named) in enumerate((("あり.txt", sha256), ("なし.txt", "0" * 64))):
        body = c.Attach(name=name, size=7, sha256=named)
        await signal(working, cycle, c.Command(id=f"a{number}", actor=city.OWNER, body=body))
    await signal(working, cycle, c.Command(id="d", actor=city.OWNER, body=c.Detach(n=9)))
    await working.until(lambda: working.state(cycle).revision == 4)
    assert [one.name for one in working.state(cycle).attachments] == ["あり.txt"]
    told = [(one.command, one.refusal.code) for one in refusals(working, cycle)]
    assert told == [("attach", "unknown_content"), ("detach", "unknown_attachment")]


async def test_a_signal_whose_values_no_rule_foresaw_is_refused_on_record_and_the_cycle_goes_on(
    working: Office,
) -> None:
    cycle = await working.start()
    await working.hand_in(cycle, city.imagine())
    before_time = c.Decide(action=Action.HOLD, round=1, hold_until=date.min, reason="昔")
    await signal(working, cycle, c.Command(id="odd", actor=city.UNIT_CHIEF, body=before_time))
    await working.until(lambda: len(refusals(working, cycle)) == 1)
    assert refusals(working, cycle)[0].command == "decide"
    assert (await working.decide(cycle)).step is Step.TRANSFORM


class Unwilling:
    """A directory that cannot look up for some."""

    def __init__(self, at: Office, errors: dict[str, Exception]) -> None:
        self._directory, self.errors, self.tries = at.directory, errors, 0

    def state(self, cycle_id: str) -> CycleState | None:
        return self._directory.state(cycle_id)

    def prepare(self, command: c.Command, state: CycleState) -> c.Command:
        if (error := self.errors.get(command.id)) is not None:
            self.tries += 1
            raise error
        return self._directory.prepare(command, state)


@asynccontextmanager
async def worker_with(at: Office, directory: Unwilling) -> AsyncIterator[None]:
    with ThreadPoolExecutor(4) as threads:
        async with Worker(
            at.client, task_queue=at.settings.task_queue, workflows=WORKFLOWS, activity_executor=threads,
            activities=[JournalActivities(at.journal).append, DirectoryActivities(directory).prepare],
            max_concurrent_activities=4,
        ):  # fmt: skip
            yield


async def test_a_signal_that_cannot_be_looked_up_holds_up_nobody_and_the_next_waits_for_it(
    temporal: Client, sqlite: Engine
) -> None:
    at = office(temporal, sqlite)
    directory = Unwilling(at, {"away": ConnectionError("the database is away")})
    async with worker_with(at, directory):
        cycle = await at.start()
        await signal(at, cycle, c.Command(id="away", actor=city.OWNER, body=c.Comment(text="一番")))
        await signal(at, cycle, c.Command(id="next", actor=city.OWNER, body=c.Comment(text="二番")))
        await at.until(lambda: directory.tries > 0)
        assert (await at.give(cycle, city.OWNER, c.Comment(text="人"))).revision == 2
        directory.errors.clear()
        await at.until(lambda: at.state(cycle).revision == 4)
        texts = [event.data.text for event in at.journal.events(cycle) if isinstance(event.data, Commented)]
        assert texts == ["人", "一番", "二番"]


async def test_a_signal_that_can_never_be_looked_up_is_refused_on_record(temporal: Client, sqlite: Engine) -> None:
    assert LOOK_UP.maximum_attempts > 0
    at = office(temporal, sqlite)
    async with worker_with(at, Unwilling(at, {"bad": ValueError("no such day")})):
        cycle = await at.start()
        await signal(at, cycle, c.Command(id="bad", actor=city.OWNER, body=c.Comment(text="一")))
        await at.until(lambda: len(refusals(at, cycle)) == 1)
        assert refusals(at, cycle)[0].refusal.code == "not_looked_up"
        assert (await at.give(cycle, city.OWNER, c.Comment(text="人"))).revision == 3
