"""The states of a cycle by name: what its status, its step's status and its hold amount to."""

from enum import StrEnum
from typing import assert_never

from engine.domain.cycle.state import CycleState
from engine.domain.steps import CycleStatus, StepStatus


class NamedState(StrEnum):
    """Where a cycle stands, whatever its step; the last three are its ends."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    HELD = "held"
    """A review on hold (保留)."""
    SLEEPING = "sleeping"
    """Opened before its day: what is to be looked at again later."""
    COMPLETED = "completed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


ENDED = (NamedState.COMPLETED, NamedState.REJECTED, NamedState.WITHDRAWN)
OPEN = tuple(state for state in NamedState if state not in ENDED)


def named_state(state: CycleState) -> NamedState:
    """The name of the state that a cycle is in."""
    match state.status:
        case CycleStatus.ACTIVE:
            return _ACTIVE[state.step_status]
        case CycleStatus.ON_HOLD:
            return NamedState.SLEEPING if state.review is None else NamedState.HELD
        case CycleStatus.COMPLETED:
            return NamedState.COMPLETED
        case CycleStatus.REJECTED:
            return NamedState.REJECTED
        case CycleStatus.WITHDRAWN:
            return NamedState.WITHDRAWN
        case _:
            assert_never(state.status)


_ACTIVE = {
    StepStatus.DRAFT: NamedState.DRAFT,
    StepStatus.IN_REVIEW: NamedState.IN_REVIEW,
    StepStatus.RETURNED: NamedState.RETURNED,
}
