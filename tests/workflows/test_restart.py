"""A worker that comes back to many cycles that have just moved: no task is thrown away, and a person is answered."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Engine
from temporalio.api.enums.v1 import EventType, TimeoutType
from temporalio.client import Client

from engine.contracts.cycle import cycle_id_of, workflow_id
from engine.domain.cycle import commands as c
from tests.support import city
from tests.support.office import Office, office
from workflows.upkeep import waking

CYCLES, COMMENTS = 3 * waking.BATCH, 4
"""Three batches. `bench/restart.py` measures what thousands take."""


async def _thrown_away(at: Office, cycle: str) -> int:
    """Tasks that failed, or were begun and took too long, in a cycle's run."""
    wrong = 0
    async for event in at.client.get_workflow_handle(workflow_id(cycle)).fetch_history_events():
        wrong += event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
            # a dead worker's own queue times out before anything is begun
            kind = event.workflow_task_timed_out_event_attributes.timeout_type
            wrong += kind == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE
    return wrong


@pytest.mark.slow
async def test_a_worker_that_comes_back_to_many_cycles_throws_no_task_away_and_answers(
    temporal: Client, sqlite: Engine
) -> None:
    at = office(temporal, sqlite)
    async with at.working():
        cycles = [await at.start() for _ in range(CYCLES)]

        async def talk(cycle: str) -> None:
            for number in range(COMMENTS):
                await at.give(cycle, city.OWNER, c.Comment(text=str(number)))

        await asyncio.gather(*map(talk, cycles))
    async with office(temporal, sqlite, task_queue=at.settings.task_queue).working() as back:
        told = asyncio.create_task(waking.nudge(back.client, cycles))
        await back.given(cycles[-1], city.OWNER, c.Comment(text="もう動くか"))
        assert await told == CYCLES
        assert [cycle for cycle in cycles if await _thrown_away(back, cycle)] == []
        assert await back.agree(cycles[0])


async def test_no_more_cycles_are_told_than_a_worker_can_think_about(monkeypatch: pytest.MonkeyPatch) -> None:
    thinking, most = set[str](), [0]

    async def told(_client: object, cycle: str) -> bool:
        thinking.add(cycle)
        most[0] = max(most[0], len(thinking))
        await asyncio.sleep(0)
        return True

    async def through(_client: object, workflow: str) -> None:
        await asyncio.sleep(0)
        thinking.discard(cycle_id_of(workflow))

    monkeypatch.setattr(waking, "_told", told)
    monkeypatch.setattr(waking, "through", through)
    nobody: Any = None
    assert await waking.nudge(nobody, [str(number) for number in range(50)]) == 50
    assert most == [waking.BATCH]
