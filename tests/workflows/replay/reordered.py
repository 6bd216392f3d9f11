"""The workflows with their order changed on purpose: what a release must never do to those that run."""

from datetime import datetime, timedelta

from temporalio import workflow

from engine.contracts import cycle as wire
from engine.contracts import delivery, milestones
from workflows.cycle import CycleWorkflow
from workflows.delivery import DeliveryWorkflow
from workflows.milestones import MilestonesWorkflow
from workflows.notices import NoticesWorkflow

A_WHILE = timedelta(seconds=1)


@workflow.defn(name=wire.CYCLE_WORKFLOW)
class ReorderedCycleWorkflow(CycleWorkflow):
    """The following cycles start before anything is written."""

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


@workflow.defn(name=delivery.DELIVERY_WORKFLOW)
class ReorderedDeliveryWorkflow(DeliveryWorkflow):
    """Rests before it delivers."""

    @workflow.init
    def __init__(self, given: delivery.DeliveryInput) -> None:
        super().__init__(given)

    @workflow.run
    async def run(self, given: delivery.DeliveryInput) -> None:
        await self._rest(workflow.now() + A_WHILE)
        await super().run(given)


@workflow.defn(name=delivery.NOTICES_WORKFLOW)
class ReorderedNoticesWorkflow(NoticesWorkflow):
    """Does not rest when it knows until when: it looks again at once."""

    @workflow.run
    async def run(self) -> None:
        await super().run()

    async def _rest(self, until: datetime | None) -> None:
        if until is None:
            await super()._rest(until)


@workflow.defn(name=milestones.MILESTONES_WORKFLOW)
class ReorderedMilestonesWorkflow(MilestonesWorkflow):
    """Rests twice after each look."""

    @workflow.run
    async def run(self, given: milestones.MilestonesInput) -> None:
        await super().run(given)

    async def _rest(self, until: datetime | None) -> None:
        await super()._rest(workflow.now() + A_WHILE)
        await super()._rest(until)
