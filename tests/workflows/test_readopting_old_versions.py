"""An engine that lost its store goes on, in a later release, from a journal that an earlier one wrote."""

from sqlalchemy import Engine
from temporalio.client import Client

from engine.contracts.cycle import CATCH_UP, workflow_id
from engine.domain.cycle import commands as c
from engine.domain.steps import Step
from engine.store.record import verify as check
from tests.support import city
from tests.support.office import office
from tests.support.tomorrow import CommentedOfTomorrow, tomorrow
from workflows.upkeep.census import readopt_cycles


async def test_a_later_release_takes_up_again_what_an_earlier_one_wrote(temporal: Client, database: Engine) -> None:
    at = office(temporal, database)
    async with at.working():
        cycle = await at.start()
        await at.given(cycle, city.OWNER, c.Comment(text="前の版の言葉"))
        await at.hand_in(cycle, city.imagine())
    stored = at.journal.events(cycle)
    await temporal.get_workflow_handle(workflow_id(cycle)).terminate()
    with tomorrow():
        assert check.rebuild(database) == 1
        async with at.working():
            queue = at.settings.task_queue
            assert await readopt_cycles(at.client, at.directory.state, [cycle], queue, at.journal.seen) == 1
            await at.client.get_workflow_handle(workflow_id(cycle)).signal(CATCH_UP)
            assert (await at.decide(cycle)).step is Step.TRANSFORM
            assert await at.agree(cycle)
        (words,) = [one.data for one in at.journal.events(cycle) if isinstance(one.data, CommentedOfTomorrow)]
        assert (words.words, words.tone) == ("前の版の言葉", "unknown")
        assert check.verify(database).faults == ()
    assert at.journal.events(cycle)[: len(stored)] == stored
    await temporal.get_workflow_handle(workflow_id(cycle)).terminate()
