"""Sends notices by mail and chat, for ever: a thin durable loop, one run for an installation.

What is due stands in SQL; the daily digest is a durable timer that ends at half past eight.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.notices import NoticeActivities
from engine.contracts import delivery as wire
from engine.contracts.installation import RETIRE

FOR_EVER = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
ONE_GO = timedelta(minutes=10)
SILENCE = timedelta(minutes=1)
"""How long a mail server may take for one message."""
LONGEST_REST = timedelta(hours=1)
"""The safety net: looks again even if nobody has woken it."""


@workflow.defn(name=wire.NOTICES_WORKFLOW)
class NoticesWorkflow:
    """Sends what is due, and rests until woken or until the next message is due."""

    def __init__(self) -> None:
        self._woken = False
        self._retired = False

    @workflow.run
    async def run(self) -> None:
        """One go after the other."""
        while not self._retired:
            self._woken = False
            answer = await workflow.execute_activity_method(
                NoticeActivities.send,
                wire.SendAsk(),
                start_to_close_timeout=ONE_GO,
                heartbeat_timeout=SILENCE,
                retry_policy=FOR_EVER,
            )
            if workflow.info().is_continue_as_new_suggested() and not self._retired:
                workflow.continue_as_new()
            if not answer.more:
                await self._rest(answer.next_at)

    @workflow.signal(name=wire.WAKE)
    def wake(self) -> None:
        """There are new notices."""
        self._woken = True

    @workflow.signal(name=RETIRE)
    def retire(self) -> None:
        """What this does goes on under another name."""
        self._retired = True

    async def _rest(self, until: datetime | None) -> None:
        pause = LONGEST_REST if until is None else min(until - workflow.now(), LONGEST_REST)
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: self._woken or self._retired, timeout=max(pause, timedelta(0)))
