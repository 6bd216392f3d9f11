"""Which decisions are so weighty that whoever takes one is asked again who they are, after a pause."""

from engine.domain.cycle.state import CycleState
from engine.domain.review.review import StageKind
from engine.domain.scope import OrgScope


def is_weighty(state: CycleState) -> bool:
    """Whether the final decision (決裁) of work of a department or of the whole city waits to be taken."""
    review = state.review
    if review is None or not state.status.is_open or state.org_scope.rank < OrgScope.DEPARTMENT.rank:
        return False
    return any(review.route.stage(one.key).kind is StageKind.FINAL for one in review.open)
