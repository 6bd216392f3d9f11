"""The workflow of a release to come. In a file of its own: a worker imports it anew inside the sandbox."""

from temporalio import workflow

from engine.contracts import cycle as wire
from workflows.cycle import CycleWorkflow


@workflow.defn(name=wire.CYCLE_WORKFLOW)
class ChangedCycleWorkflow(CycleWorkflow):
    """The next release's: it asks the engine for a timer more, so no run of before could be replayed by it."""

    @workflow.run
    async def run(self, given: wire.CycleInput) -> None:
        await workflow.sleep(0.01)
        await super().run(given)
