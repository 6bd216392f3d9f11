"""The cycle workflow with its order changed on purpose: the following cycles start before anything is written."""

from temporalio import workflow

from engine.contracts import cycle as wire
from workflows.cycle import CycleWorkflow


@workflow.defn(name=wire.CYCLE_WORKFLOW)
class ReorderedCycleWorkflow(CycleWorkflow):
    @workflow.init
    def __init__(self, given: wire.CycleInput) -> None:
        super().__init__(given)

    @workflow.run
    async def run(self, given: wire.CycleInput) -> None:
        await super().run(given)

    async def _write_down(self) -> None:
        if not self._desk.state.status.is_open and self._desk.outbox:
            await self._start_next()
        await super()._write_down()
