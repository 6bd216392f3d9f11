from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from engine.contracts.cycle import workflow_id
from engine.domain.cycle import commands as c
from engine.domain.cycle.evolve import fold
from engine.runtime.embedded.devserver import find_binary
from tests.support import city
from tests.support.office import office


@pytest.fixture(scope="module")
async def impatient() -> AsyncIterator[Client]:
    """A server that suggests to continue as new after a few events instead of thousands."""
    low = ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=40"]
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(find_binary()), dev_server_extra_args=low
    )
    async with environment:
        yield environment.client


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
