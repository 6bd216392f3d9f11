"""What runs since before installations had ids goes on the new way; nothing is lost and nothing done twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.testing import WorkflowEnvironment

from engine.contracts import cycle as wire
from engine.contracts.documents import ROADMAP
from engine.data.sample_work import sample_roadmap
from engine.domain.cycle import commands as c
from engine.domain.cycle.visibility import Visibility
from engine.runtime.embedded.devserver import find_binary
from engine.runtime.identity import identify
from engine.runtime.sealing import KeyRing
from engine.runtime.settings import Settings
from engine.store.record import verify as check
from engine.store.record.ledger import Ledger
from engine.store.registers.installation import installation_of
from engine.store.registers.milestones import Milestones
from engine.store.registers.webhooks import Registration, Webhooks
from tests.support import city
from tests.support.office import Office
from tests.support.old_world import OldWorld
from tests.support.receiver import receiving
from tests.support.wire import payloads_in, plain, stranger
from workflows.upkeep.takeover import what_is_left
from workflows.worker import run


@pytest.fixture
async def apart() -> AsyncIterator[Client]:
    """A server of its own: whose engine it is, is what is tried here."""
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=str(find_binary())) as environment:
        yield environment.client


def settled(client: Client, database: Engine, cached: int) -> Office:
    """An office with the settings of an ordinary installation."""
    at = Office(client, database, Settings(
        database_url=database.url.render_as_string(hide_password=False), secret=SecretStr("s" * 40),
        temporal_address=client.service_client.config.target_host, max_cached_workflows=cached,
        graceful_timeout=1, webhook_allow="127.0.0.1",
    ))  # fmt: skip
    at.import_()
    at.directory.import_document(ROADMAP, "edition", sample_roadmap(at.directory.facts().today), "test")
    return at


@asynccontextmanager
async def upgraded(at: Office) -> AsyncIterator[None]:
    """The worker of today, as `spiral worker` runs it."""
    working = asyncio.create_task(run(at.settings))
    try:
        yield
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def status(client: Client, workflow_id: str) -> WorkflowExecutionStatus | None:
    return (await client.get_workflow_handle(workflow_id).describe()).status


async def until_on(client: Client, workflow_id: str, queue: str) -> None:
    async with asyncio.timeout(30):
        while (await client.get_workflow_handle(workflow_id).describe()).task_queue != queue:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize("cached", [1000, 0], ids=["cached", "uncached"])
async def test_an_installation_of_before_goes_on_and_takes_sealed_commands_only(
    apart: Client, database: Engine, cached: int
) -> None:
    at = settled(apart, database, cached)
    startup = Milestones(database, at.directory).followed()[0]
    with receiving() as receiver:
        Webhooks(database, at.directory, Ledger(database)).add(
            "w1",
            Registration(url=receiver.url, description="庁内ポータル", ceiling=Visibility.RESTRICTED),
            city.ADMIN,
            "w1",
        )
        async with OldWorld(apart, at).working() as old:
            cycle, quiet = await old.start(), await old.start()
            command = c.Command(id="then", actor=city.OWNER, body=c.Comment(text="以前の言葉"))
            await old.client.get_workflow_handle(wire.workflow_id(cycle)).execute_update(wire.COMMAND, command)
            beside = await old.beside("w1", startup)
            await at.until(lambda: len(receiver.taken) == 3)
        async with upgraded(at):
            for one in (cycle, quiet):
                await until_on(apart, wire.workflow_id(one), at.names.task_queue)
            await at.hand_in(cycle, city.imagine())
            assert (await at.decide(cycle)).step.value == "transform"
            new = [at.names.delivery("w1"), at.names.milestones(startup), at.names.notices]
            await at.until(lambda: len(receiver.taken) == len(at.journal.events(cycle)) + 1)
            for workflow_id in beside:
                assert await status(apart, workflow_id) is WorkflowExecutionStatus.COMPLETED
            for workflow_id in new:
                assert await status(apart, workflow_id) is WorkflowExecutionStatus.RUNNING
            assert len(receiver.taken) == len(set(receiver.taken))
            assert await at.agree(cycle)
            outside = stranger(apart, KeyRing(at.settings.secrets(), at.names.installation))
            with pytest.raises(WorkflowUpdateFailedError):
                await outside.get_workflow_handle(wire.workflow_id(quiet)).execute_update(
                    wire.COMMAND, RawValue(plain(command.model_copy(update={"id": "now"})))
                )
            history = await apart.get_workflow_handle(wire.workflow_id(cycle)).fetch_history()
            assert "ありたい" not in b"".join(one.data for one in payloads_in(history)).decode("utf-8", "ignore")
    assert check.verify(database).faults == ()


@pytest.mark.slow
async def test_a_run_of_before_takes_plain_commands_until_it_has_moved_and_one_that_began_later_takes_none(
    apart: Client, sqlite: Engine
) -> None:
    at = settled(apart, sqlite, 1000)
    old = OldWorld(apart, at)
    async with old.working():
        early = await old.start()
    known = await identify(at.settings, sqlite)
    left = await what_is_left(known, lambda _: False)
    assert (left.plain, left.moving) == ({wire.workflow_id(early)}, {wire.workflow_id(early)})
    late = await apart.start_workflow(
        wire.CYCLE_WORKFLOW,
        RawValue(plain(wire.CycleInput(opening=None))),
        id="cycle/late-1",
        task_queue=at.names.task_queue,
    )
    command = c.Command(id="then", actor=city.OWNER, body=c.Comment(text="まだ封がない"))
    await old.client.get_workflow_handle(wire.workflow_id(early)).signal(wire.COMMAND, command)
    async with upgraded(at):
        await at.until(lambda: at.state(early).comments == 1)
        await until_on(apart, wire.workflow_id(early), at.names.task_queue)
        again = command.model_copy(update={"id": "later"})
        await old.client.get_workflow_handle(wire.workflow_id(early)).signal(wire.COMMAND, again)
        await at.until(lambda: at.state(early).revision == 3)
        assert at.state(early).comments == 1
        async with asyncio.timeout(20):
            while await status(apart, late.id) is WorkflowExecutionStatus.RUNNING:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    assert await status(apart, late.id) is WorkflowExecutionStatus.FAILED
    assert installation_of(sqlite).sealed_since is not None
