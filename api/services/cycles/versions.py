"""What a cycle has handed in, every submission as it was."""

from api.container import Desk
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.versions import Version, versions


def submissions(state: CycleState, desk: Desk) -> tuple[Version, ...]:
    """Every submission, the oldest first, with what became of it; of a cycle that somebody has seen they may read."""
    return versions(desk.journal.events(state.cycle_id))
