"""What people wrote into a cycle: every submission as it was, and what was said."""

from api.container import Desk
from engine.contracts.lists import Remark
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.versions import Version


def submissions(state: CycleState, desk: Desk) -> tuple[Version, ...]:
    """Every submission, the oldest first, with what became of it; of a cycle that somebody has seen they may read."""
    return desk.written.submissions(state)


def remarks(state: CycleState, desk: Desk) -> tuple[Remark, ...]:
    """Every comment, the newest first; of a cycle that somebody has seen they may read."""
    return tuple(reversed(desk.written.comments(state)))
