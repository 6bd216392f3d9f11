"""The least a Temporal workflow can do for a command: an Update that waits for an empty local activity."""

import asyncio
import sys
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker


@activity.defn(name="bench.nothing")
async def nothing(number: int) -> int:
    return number


@workflow.defn(name="bench.bare")
class BareWorkflow:
    def __init__(self) -> None:
        self._asked = 0
        self._done = 0

    @workflow.run
    async def run(self) -> None:
        while True:
            await workflow.wait_condition(lambda: self._asked > self._done)
            self._done = await workflow.execute_local_activity(
                nothing, self._asked, start_to_close_timeout=timedelta(seconds=5)
            )

    @workflow.update(name="ask")
    async def ask(self, _text: str) -> int:
        self._asked += 1
        mine = self._asked
        await workflow.wait_condition(lambda: self._done >= mine)
        return mine


async def work(address: str) -> None:
    """A worker of its own process, tuned as ours is."""
    worker = Worker(
        await Client.connect(address),
        task_queue="bare",
        workflows=[BareWorkflow],
        activities=[nothing],
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
    )
    await worker.run()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
