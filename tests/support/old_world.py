"""An installation as it ran before it had an id: plain payloads, everybody's queue, names without the id."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from uuid import uuid4

from temporalio.client import Client

from engine.contracts import cycle as wire
from engine.contracts.delivery import DELIVERY_WORKFLOW, NOTICES_WORKFLOW, DeliveryInput
from engine.contracts.installation import FIRST_QUEUE
from engine.contracts.milestones import MILESTONES_WORKFLOW, MilestonesInput
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.scope import OrgScope, WorkScope
from tests.support import city
from tests.support.office import Office
from tests.support.wire import unsealed
from workflows.worker import make_worker


class OldWorld:
    """The same office, spoken to as then."""

    def __init__(self, client: Client, at: Office) -> None:
        self.client = unsealed(client)
        self.at = at

    @asynccontextmanager
    async def working(self) -> AsyncIterator["OldWorld"]:
        """A worker of then."""
        with ThreadPoolExecutor(16) as threads:
            async with make_worker(self.client, self.at.database, self.at.settings, threads, FIRST_QUEUE):
                yield self

    async def start(self) -> str:
        """A cycle of then."""
        facts = self.at.directory.facts()
        opened = open_initiative(
            InitiativeAsked(
                title="昔から", org_scope=OrgScope.INDIVIDUAL, org_unit="U", work_scope=WorkScope.TASK
            ),
            initiative_id=f"i{uuid4().hex[:10]}", owner=city.OWNER, organisation=facts.organisation,
            edition=facts.edition, on=facts.today,
        )  # fmt: skip
        await self.client.start_workflow(
            wire.CYCLE_WORKFLOW,
            wire.CycleInput(opening=opened, actor=city.OWNER),
            id=wire.workflow_id(opened.cycle_id),
            task_queue=FIRST_QUEUE,
        )
        await self.at.there(opened.cycle_id)
        return opened.cycle_id

    async def beside(self, webhook_id: str, startup: str) -> list[str]:
        """Deliveries, notices and milestones under the names of then."""
        runs = (
            (DELIVERY_WORKFLOW, f"delivery/{webhook_id}", DeliveryInput(webhook_id=webhook_id)),
            (MILESTONES_WORKFLOW, f"milestones/{startup}", MilestonesInput(startup=startup)),
        )
        for name, workflow_id, given in runs:
            await self.client.start_workflow(name, given, id=workflow_id, task_queue=FIRST_QUEUE)
        notices = f"notices/{FIRST_QUEUE}"
        await self.client.start_workflow(NOTICES_WORKFLOW, id=notices, task_queue=FIRST_QUEUE)
        return [*(workflow_id for _, workflow_id, _ in runs), notices]
