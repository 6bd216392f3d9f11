import asyncio
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.client import Client

from api.cli.operate import sample
from api.cli.options import Sample
from engine.contracts.cycle import workflow_id
from engine.data.shipped import SAMPLE_FACES, published_cases
from engine.domain.cycle import commands as c
from engine.domain.effects.measured import reduction_percent
from engine.domain.scope import OrgScope
from engine.domain.steps import CycleKind, CycleStatus
from engine.runtime.settings import Settings
from engine.store.record import verify as check
from tests.support import city
from tests.support.office import Office, office
from workflows.upkeep.census import readopt_cycles, running_cycles


async def test_the_census_finds_what_is_open_but_lost_and_readopting_brings_it_back(
    temporal: Client, sqlite: Engine
) -> None:
    async with office(temporal, sqlite).working() as at:
        cycle = await at.start()
        await at.hand_in(cycle, city.imagine())
        open_cycles = check.verify(sqlite).open_cycles
        assert open_cycles == (cycle,)
        missing, unexpected = await running_cycles(temporal, open_cycles)
        assert missing == []
        assert cycle in (await running_cycles(temporal, ()))[1]
        assert cycle not in unexpected
        await temporal.get_workflow_handle(workflow_id(cycle)).terminate()
        async with asyncio.timeout(15):  # the engine's list is a moment behind
            while (await running_cycles(temporal, open_cycles))[0] != [cycle]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        queue = at.settings.task_queue
        assert await readopt_cycles(at.client, at.directory.state, [cycle], queue, at.journal.seen) == 1
        assert await readopt_cycles(at.client, at.directory.state, [cycle], queue, at.journal.seen) == 0
        assert (await at.decide(cycle)).step.value == "transform"
        assert check.verify(sqlite).faults == ()


@pytest.mark.slow
async def test_the_published_cases_are_played_through_the_engine_and_give_the_published_figures(
    temporal: Client, sqlite: Engine
) -> None:
    settings = Settings(
        task_queue=f"q-{uuid4().hex[:8]}", shared_namespace=True, database_url=str(sqlite.url), graceful_timeout=1,
        secret=SecretStr("s" * 40),
        temporal_address=temporal.service_client.config.target_host,
    )  # fmt: skip
    sample.load_sample(settings, Sample.CITY)
    at = Office(temporal, sqlite, settings)
    async with at.working():
        assert await sample.play_cases(settings) == 3
        for case in published_cases():
            cycle = f"case-{case.key}-1"
            state = at.state(cycle)
            (metric,) = state.effects.metrics
            assert state.status is CycleStatus.COMPLETED
            assert state.effects.hours_saved_per_year == case.expected.hours_saved_per_year
            assert metric.actual is not None
            assert reduction_percent(metric.baseline, metric.actual) == case.expected.reduction_percent
            following = await at.there(f"{cycle}.1")
            assert following.kind is CycleKind.EXPAND
        assert following.org_scope is OrgScope.CITYWIDE
        events = check.verify(sqlite).events
        assert await sample.play_cases(settings) == 0
        assert check.verify(sqlite).events == events
        await at.give(following.cycle_id, following.owner, c.Withdraw(reason="試験の終わり"))
        assert await sample.play_work(settings) == 0
    assert [person for person, _ in sample.who_can_sign_in(settings)] == list(SAMPLE_FACES)
