"""The deliveries of one webhook, for as long as it exists: a thin durable loop.

How far they are stands in SQL and what to send is decided there, so this may be started anew at any time and goes on
where the record ends.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.deliveries import DeliveryActivities
from engine.contracts import delivery as wire
from engine.contracts.installation import RETIRE

FOR_EVER = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=10))
ONE_GO = timedelta(seconds=60)
SILENCE = timedelta(seconds=8)
"""How long a worker may give no sign of life before another one goes on."""
LONGEST_REST = timedelta(minutes=10)
"""The safety net: looks again even if nobody has woken it."""


@workflow.defn(name=wire.DELIVERY_WORKFLOW)
class DeliveryWorkflow:
    """Delivers, rests until woken or until a failed delivery is due again, and ends with the webhook."""

    @workflow.init
    def __init__(self, given: wire.DeliveryInput) -> None:
        self._ask = wire.DeliverAsk(webhook_id=given.webhook_id)
        self._woken = False
        self._retired = False

    @workflow.run
    async def run(self, given: wire.DeliveryInput) -> None:
        """One go after the other."""
        while not self._retired:
            self._woken = False
            answer = await workflow.execute_activity_method(
                DeliveryActivities.deliver,
                self._ask,
                start_to_close_timeout=ONE_GO,
                heartbeat_timeout=SILENCE,
                retry_policy=FOR_EVER,
            )
            if answer.gone:
                return
            workflow.set_current_details(_details(answer))
            if workflow.info().is_continue_as_new_suggested() and not self._retired:
                workflow.continue_as_new(given)
            if not answer.more:
                await self._rest(answer.next_try_at)

    @workflow.signal(name=wire.WAKE)
    def wake(self) -> None:
        """There may be something to deliver, or the webhook has changed."""
        self._woken = True

    @workflow.signal(name=RETIRE)
    def retire(self) -> None:
        """What this does goes on under another name."""
        self._retired = True

    async def _rest(self, until: datetime | None) -> None:
        pause = LONGEST_REST if until is None else min(until - workflow.now(), LONGEST_REST)
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: self._woken or self._retired, timeout=max(pause, timedelta(0)))


def _details(answer: wire.DeliverAnswer) -> str:
    """One line for Temporal's own UI."""
    following = f" · next try {answer.next_try_at:%Y-%m-%d %H:%M:%S}" if answer.next_try_at else ""
    return f"**{answer.status}**{following}"
