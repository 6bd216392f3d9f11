"""Delivers events to webhooks, one after the other. Knows ports; the request itself is made in `posting`.

Light on purpose: workflow code names these activities.
"""

import asyncio
from typing import Protocol

from temporalio import activity

from engine.contracts.delivery import DELIVER, DeliverAnswer, DeliverAsk
from engine.domain.notices.webhooks import DeliveryOutcome, DeliveryWork, Rest

AT_ONCE = 100
"""Requests in one go."""
ONE_GO = 20.0
"""Seconds after which a go begins no further request."""
BEAT = 2.0
"""Seconds between signs of life, so that a dead worker's delivery is taken over soon."""


class DeliveriesPort(Protocol):
    """What this activity needs from the store."""

    def next(self, webhook_id: str) -> DeliveryWork | Rest:
        """See `engine.store.outgoing.webhook_deliveries.Deliveries.next`."""
        ...

    def record(self, work: DeliveryWork, outcome: DeliveryOutcome) -> bool:
        """See `engine.store.outgoing.webhook_deliveries.Deliveries.record`."""
        ...


class PosterPort(Protocol):
    """What this activity needs from the network."""

    async def post(self, work: DeliveryWork) -> DeliveryOutcome:
        """See `activities.posting.Poster.post`."""
        ...


class DeliveryActivities:
    """The deliveries' door for workflows."""

    def __init__(self, deliveries: DeliveriesPort, poster: PosterPort) -> None:
        self._deliveries = deliveries
        self._poster = poster

    @activity.defn(name=DELIVER)
    async def deliver(self, ask: DeliverAsk) -> DeliverAnswer:
        """Sends what is due, in order, until nothing is, one fails, or the go is over."""
        beating = asyncio.create_task(_beat())
        try:
            return await self._deliver(ask.webhook_id)
        finally:
            beating.cancel()

    async def _deliver(self, webhook_id: str) -> DeliverAnswer:
        clock = asyncio.get_running_loop().time
        began = clock()
        for _ in range(AT_ONCE):
            work = await asyncio.to_thread(self._deliveries.next, webhook_id)
            if isinstance(work, Rest):
                return DeliverAnswer(gone=work.gone, status=work.status, next_try_at=work.next_try_at)
            outcome = await self._poster.post(work)
            noted = await asyncio.to_thread(self._deliveries.record, work, outcome)
            if not noted or clock() - began > ONE_GO:
                break
        return DeliverAnswer(more=True)


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT)
