"""Releases of the worker: a build is promoted while cycles wait, and nobody notices but those who look."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.testing import WorkflowEnvironment

import workflows.upkeep.releases as module
import workflows.worker as worker_module
from engine.contracts import cycle as wire
from engine.domain.cycle import commands as c
from engine.runtime.embedded.devserver import DYNAMIC_CONFIG, find_binary
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings
from engine.store.record import verify as check
from engine.store.registers.installation import installation_of
from tests.support import city
from tests.support.next_release import ChangedCycleWorkflow
from tests.support.office import Office
from workflows.cycle import CycleWorkflow
from workflows.registry import WORKFLOWS
from workflows.upkeep.releases import Release, ReleaseState, promote, releases
from workflows.worker import run

CYCLES = 12


@pytest.fixture
async def apart() -> AsyncIterator[Client]:
    """A server of its own: whose builds are current is what is tried here."""
    arguments = [word for value in DYNAMIC_CONFIG for word in ("--dynamic-config-value", value)]
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(find_binary()), dev_server_extra_args=arguments
    )
    async with environment:
        yield environment.client


@pytest.fixture
def at(apart: Client, sqlite: Engine) -> Office:
    """An office with the settings of an ordinary installation."""
    found = Office(apart, sqlite, Settings(
        database_url=sqlite.url.render_as_string(hide_password=False), secret=SecretStr("s" * 40),
        temporal_address=apart.service_client.config.target_host, graceful_timeout=1, reconcile_every=1,
    ))  # fmt: skip
    found.import_()
    return found


@contextmanager
def changed() -> Iterator[None]:
    """Workers that start inside the block run the next release."""
    others = [one for one in WORKFLOWS if one is not CycleWorkflow]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_module, "WORKFLOWS", (ChangedCycleWorkflow, *others))
        yield


@asynccontextmanager
async def at_work(at: Office, build: str | None) -> AsyncIterator[None]:
    """A worker of a build, as `spiral worker` runs it."""
    working = asyncio.create_task(run(at.settings.model_copy(update={"build_id": build})))
    try:
        yield
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def until(at: Office, build: str, state: ReleaseState, cycles: int) -> None:
    """Waits for a line of `spiral releases`."""
    found: list[Release] = []
    try:
        async with asyncio.timeout(60):
            while not any((one.build, one.state, one.cycles) == (build, state, cycles) for one in found):
                await asyncio.sleep(1)
                found = await releases(at.client, at.names)
    except TimeoutError:
        raise AssertionError(found) from None


class Clients:
    """People who go on working; `failed` holds whatever was not answered."""

    def __init__(self, at: Office, cycles: list[str]) -> None:
        self.at = at
        self.cycles = cycles
        self.sent = dict.fromkeys(cycles, 0)
        self.failed: list[str] = []
        self.over = False

    async def work(self, cycle: str) -> None:
        while not self.over:
            try:
                await self.at.give(cycle, city.OWNER, c.Comment(text="続けます"))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what this test looks for
                self.failed.append(f"{cycle}: {error!r}")
            else:
                self.sent[cycle] += 1
            await asyncio.sleep(0.5)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self.work(one)) for one in self.cycles]
        try:
            yield
        finally:
            self.over = True
            await asyncio.gather(*tasks)


@pytest.mark.slow
async def test_waiting_cycles_move_to_a_release_that_changes_workflow_commands_and_back_again(at: Office) -> None:
    async with at_work(at, "r1"):
        await until(at, "r1", ReleaseState.CURRENT, 0)
        cycles = [await at.start() for _ in range(CYCLES)]
        people = Clients(at, cycles[:4])
        await until(at, "r1", ReleaseState.CURRENT, CYCLES)
        async with people.working():
            with changed():
                following = at_work(at, "r2")
                await following.__aenter__()
            await until(at, "r2", ReleaseState.WAITING, 0)
            await until(at, "r1", ReleaseState.CURRENT, CYCLES)
            await promote(at.client, at.names, "r2")
            await until(at, "r2", ReleaseState.CURRENT, CYCLES)
            assert await at.agree(cycles[-1])
            await promote(at.client, at.names, "r1")
            await until(at, "r1", ReleaseState.CURRENT, CYCLES)
            await following.__aexit__(None, None, None)
            await at.until(lambda: people.failed != [] or min(people.sent.values()) > 5)
        assert people.failed == []
        for one in cycles:
            assert at.state(one).comments == people.sent.get(one, 0)
            assert await at.agree(one)
    assert check.verify(at.database).faults == ()


@pytest.mark.slow
async def test_cycles_whose_build_has_no_worker_any_more_go_on_from_the_record_with_what_nobody_had_read(
    at: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ALIVE", timedelta(seconds=1))
    async with at_work(at, "r1"):
        await until(at, "r1", ReleaseState.CURRENT, 0)
        cycles = [await at.start() for _ in range(3)]
        await at.give(cycles[0], city.OWNER, c.Comment(text="先に"), "first")
        await until(at, "r1", ReleaseState.CURRENT, 3)
    said = c.Command(id="unread", actor=city.OWNER, body=c.Comment(text="だれも読んでいない"))
    await at.client.get_workflow_handle(wire.workflow_id(cycles[0])).signal(wire.COMMAND, said)
    with changed():
        async with at_work(at, "r2"):
            await until(at, "r2", ReleaseState.WAITING, 0)
            await asyncio.sleep(1.5)
            await promote(at.client, at.names, "r2")
            await until(at, "r2", ReleaseState.CURRENT, 3)
            await at.until(lambda: at.state(cycles[0]).comments == 2)
            again = await at.give(cycles[0], city.OWNER, c.Comment(text="先に"), "first")
            assert again.command_id == "first"
            await at.hand_in(cycles[1], city.imagine())
            assert (await at.decide(cycles[1])).step.value == "transform"
            for one in cycles:
                assert await at.agree(one)
            assert at.state(cycles[0]).comments == 2
    assert check.verify(at.database).faults == ()


@pytest.mark.slow
async def test_where_the_current_build_has_no_worker_any_more_the_one_that_waits_takes_over_by_itself(
    at: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody promotes it, as after an update that replaced every worker at once."""
    async with at_work(at, "r1"):
        await until(at, "r1", ReleaseState.CURRENT, 0)
        cycle = await at.start()
    monkeypatch.setattr(module, "ALIVE", timedelta(seconds=1))
    async with at_work(at, "r2"):
        await until(at, "r2", ReleaseState.CURRENT, 1)
        await at.give(cycle, city.OWNER, c.Comment(text="続けます"))
        assert await at.agree(cycle)


@pytest.mark.slow
async def test_from_a_journal_that_is_older_than_the_engine_nothing_is_started_anew(
    at: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(at, "r1"):
        await until(at, "r1", ReleaseState.CURRENT, 0)
        cycle = await at.start()
    monkeypatch.setattr(module, "ALIVE", timedelta(seconds=1))
    await at.client.start_workflow(
        wire.MARK_WORKFLOW, id=at.names.mark, task_queue=at.names.mark, memo={wire.MARKED: 10**6},
        id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
    )  # fmt: skip
    before = (await at.client.get_workflow_handle(wire.workflow_id(cycle)).describe()).run_id
    async with at_work(at, "r2"):
        await until(at, "r2", ReleaseState.CURRENT, 0)
        await asyncio.sleep(5)
    found = await at.client.get_workflow_handle(wire.workflow_id(cycle)).describe()
    assert (found.run_id, found.status) == (before, WorkflowExecutionStatus.RUNNING)


@pytest.mark.slow
async def test_cycles_from_before_builds_had_names_move_by_themselves_and_no_worker_without_one_comes_back(
    at: Office,
) -> None:
    async with at_work(at, None):
        # what begins before the engine is claimed is taken over, in the midst of its start
        await at.until(lambda: installation_of(at.database).sealed_since is not None)
        cycle = await at.start()
    async with at_work(at, "r1"):
        await until(at, "r1", ReleaseState.CURRENT, 1)
        await at.give(cycle, city.OWNER, c.Comment(text=uuid4().hex))
        with pytest.raises(SetupError, match="SPIRAL_BUILD_ID"):
            await run(at.settings)


@pytest.mark.slow
async def test_a_part_of_what_begins_goes_to_a_build_that_is_tried(at: Office) -> None:
    async with at_work(at, "r1"):
        await until(at, "r1", ReleaseState.CURRENT, 0)
        async with at_work(at, "r2"):
            await until(at, "r2", ReleaseState.WAITING, 0)
            await promote(at.client, at.names, "r2", 100.0)
            await until(at, "r2", ReleaseState.RAMPING, 0)
            await at.start()
            await until(at, "r2", ReleaseState.RAMPING, 1)
            await promote(at.client, at.names, "r2", 0.0)
            await until(at, "r1", ReleaseState.CURRENT, 1)
