from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from engine.contracts.cycle import workflow_id
from engine.domain.cycle import commands as c
from engine.domain.cycle.evolve import fold
from engine.domain.deliverables import Realise, Transform
from engine.runtime.embedded.devserver import find_binary
from tests.support import city
from tests.support.office import office
from workflows.cycle import LONG


@pytest.fixture(scope="module")
async def impatient() -> AsyncIterator[Client]:
    """A server that suggests to continue as new after a few events instead of thousands."""
    low = ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=40"]
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(find_binary()), dev_server_extra_args=low
    )
    async with environment:
        yield environment.client


@pytest.mark.slow
@pytest.mark.parametrize("cached", [1000, 0])
async def test_a_long_cycle_continues_as_new_and_still_knows_every_command_it_saw(
    impatient: Client, sqlite: Engine, cached: int
) -> None:
    async with office(impatient, sqlite, cached=cached).working() as at:
        cycle = await at.start()
        handle = impatient.get_workflow_handle(workflow_id(cycle))
        first_run = (await handle.describe()).run_id
        first = await at.give(cycle, city.OWNER, c.Comment(text="0"), "comment-0")
        for number in range(1, 25):
            await at.give(cycle, city.OWNER, c.Comment(text=str(number)), f"comment-{number}")
        assert (await handle.describe()).run_id != first_run
        assert await at.give(cycle, city.OWNER, c.Comment(text="0"), "comment-0") == first
        await at.hand_in(cycle, city.imagine())
        assert (await at.decide(cycle)).comments == 25
        assert fold(at.journal.events(cycle)) == at.state(cycle)
        assert await at.agree(cycle)


@pytest.mark.slow
async def test_a_run_ends_after_some_hundred_events_long_before_the_server_says_so(
    temporal: Client, sqlite: Engine
) -> None:
    async with office(temporal, sqlite).working() as at:
        cycle = await at.start()
        handle = at.client.get_workflow_handle(workflow_id(cycle))
        first_run = (await handle.describe()).run_id
        for number in range(LONG // 5):
            await at.give(cycle, city.OWNER, c.Comment(text=str(number)), f"comment-{number}")
        await at.until(lambda: at.state(cycle).comments == LONG // 5)
        described = await handle.describe()
        assert described.run_id != first_run
        earlier = await at.client.get_workflow_handle(workflow_id(cycle), run_id=first_run).describe()
        assert LONG <= earlier.history_length < LONG + 100
        assert (await at.give(cycle, city.OWNER, c.Comment(text="0"), "comment-0")).revision == 2
        assert await at.agree(cycle)


@pytest.mark.slow
async def test_a_cycle_of_the_largest_forms_still_continues_as_new(impatient: Client, sqlite: Engine) -> None:
    long = [{"kind": "abolish", "what": "長" * 1000, "before": "前", "after": "後"} for _ in range(60)]
    transform = Transform.model_validate(city.transform().model_dump(by_alias=True) | {"changes": long})
    voices = [{"who": "citizen", "text": "長" * 1000} for _ in range(60)]
    realise = Realise.model_validate(city.realise().model_dump(by_alias=True) | {"voices": voices})
    async with office(impatient, sqlite).working() as at:
        cycle = await at.start()
        handle = at.client.get_workflow_handle(workflow_id(cycle))
        runs = {(await handle.describe()).run_id}
        for deliverable in (city.long_imagine(), transform, realise):
            await at.hand_in(cycle, deliverable)
            await at.decide(cycle)
        assert len(at.state(cycle).model_dump_json().encode()) > 500_000
        for number in range(LONG // 5):  # drafts are no events any more, so that three hand-ins alone are a short run
            await at.give(cycle, city.OWNER, c.Comment(text=str(number)), f"comment-{number}")
            runs.add((await handle.describe()).run_id)
            if len(runs) > 1:
                break
        assert len(runs) > 1
        assert await at.agree(cycle)
