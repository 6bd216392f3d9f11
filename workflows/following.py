"""Starts the cycles that follow one, each a workflow of its own that outlives it.

Part of the cycle's workflow code: the same rules hold here as in `workflows.cycle`.
"""

from contextlib import suppress

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ParentClosePolicy

from engine.contracts import cycle as wire
from engine.domain.cycle.events import CycleOpened, PlannedNext
from engine.domain.cycle.state import CycleState
from engine.domain.lineage.join import join_command
from engine.domain.lineage.next_cycles import opening_of


async def start_next(state: CycleState) -> None:
    """The cycles that follow; some flow into another one instead."""
    for planned in state.next_cycles:
        if planned.join is None or not await _join(state, planned):
            await start_cycle(opening_of(state, planned))


async def start_cycle(opening: CycleOpened) -> None:
    """One cycle; nothing when it has been started already."""
    with suppress(WorkflowAlreadyStartedError):
        await workflow.start_child_workflow(
            wire.CYCLE_WORKFLOW,
            wire.CycleInput(opening=opening, sealed=True),
            id=wire.workflow_id(opening.cycle_id),
            task_timeout=wire.TASK_TIMEOUT,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            parent_close_policy=ParentClosePolicy.ABANDON,
        )


async def _join(state: CycleState, planned: PlannedNext) -> bool:
    """Tells the cycle to be joined; too late, it opens what opens instead. False when it runs no more."""
    target = workflow.get_external_workflow_handle(wire.workflow_id(planned.join or ""))
    try:
        await target.signal(wire.COMMAND, join_command(state, planned))
    except FailureError as error:
        if is_cancelled_exception(error):
            raise
        return False
    return True
