"""Whether the reader may take their last decision about a cycle back, for the pages that offer it."""

from datetime import datetime

from api.web.frame.page import Context, MemberVisit
from engine.domain.cycle.state import CycleState
from engine.domain.moves.allowed import Move
from engine.domain.review.review import Action


class Retraction(Context):
    """A decision of the reader's that may be taken back."""

    cycle_id: str
    round: int
    action: Action
    at: datetime


def retraction_of(state: CycleState, visit: MemberVisit) -> Retraction | None:
    """The reader's last decision, while nothing stands against taking it back."""
    if Move.RETRACT not in visit.moves(state):
        return None
    last = state.decisions[-1]
    return Retraction(cycle_id=state.cycle_id, round=last.round, action=last.action, at=last.at)
