"""The states of a cycle by name: what its status and its step's status amount to."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

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


STANDS: Mapping[NamedState, tuple[CycleStatus, StepStatus | None]] = MappingProxyType(
    {
        NamedState.DRAFT: (CycleStatus.ACTIVE, StepStatus.DRAFT),
        NamedState.IN_REVIEW: (CycleStatus.ACTIVE, StepStatus.IN_REVIEW),
        NamedState.RETURNED: (CycleStatus.ACTIVE, StepStatus.RETURNED),
        NamedState.HELD: (CycleStatus.ON_HOLD, StepStatus.IN_REVIEW),
        NamedState.SLEEPING: (CycleStatus.ON_HOLD, None),
        NamedState.COMPLETED: (CycleStatus.COMPLETED, None),
        NamedState.REJECTED: (CycleStatus.REJECTED, None),
        NamedState.WITHDRAWN: (CycleStatus.WITHDRAWN, None),
    }
)
"""What a cycle's status and its step's status are in each state; None is any other."""
_NAMES = {stands: name for name, stands in STANDS.items()}


def named_state(state: CycleState) -> NamedState:
    """The name of the state that a cycle is in."""
    return _NAMES.get((state.status, state.step_status)) or _NAMES[state.status, None]
