"""Follows the milestones of one cross-agency startup for as long as the roadmap has it: a thin durable loop.

It wakes on the days that may bring something and when it is told; what they bring is decided in
`engine.domain.ledger.milestones` and stands in the ledger. The timer never decides and never ends anything.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.milestones import MilestoneActivities
from engine.contracts import milestones as wire
from engine.contracts.installation import RETIRE

FOR_EVER = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))
ONE_LOOK = timedelta(minutes=1)
LONGEST_REST = timedelta(days=30)
"""The safety net: looks again even if nobody has told it that the roadmap has changed."""


@workflow.defn(name=wire.MILESTONES_WORKFLOW)
class MilestonesWorkflow:
    """One startup's milestones."""

    def __init__(self) -> None:
        self._woken = False
        self._retired = False

    @workflow.run
    async def run(self, given: wire.MilestonesInput) -> None:
        """One look after the other, until the startup is followed no more."""
        while not self._retired:
            self._woken = False
            answer = await workflow.execute_activity_method(
                MilestoneActivities.look,
                wire.LookAsk(startup=given.startup, at=workflow.now()),
                start_to_close_timeout=ONE_LOOK,
                retry_policy=FOR_EVER,
            )
            if answer.gone and not self._woken:
                return
            if workflow.info().is_continue_as_new_suggested() and not self._retired:
                workflow.continue_as_new(given)
            await self._rest(answer.next_at)

    @workflow.signal(name=wire.WAKE)
    def wake(self) -> None:
        """The roadmap or a report has changed."""
        self._woken = True

    @workflow.signal(name=RETIRE)
    def retire(self) -> None:
        """What this does goes on under another name."""
        self._retired = True

    async def _rest(self, until: datetime | None) -> None:
        pause = LONGEST_REST if until is None else min(until - workflow.now(), LONGEST_REST)
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._woken or self._retired, timeout=max(pause, timedelta(seconds=1))
            )
