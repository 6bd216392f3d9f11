"""What it takes to take a decision back (決裁の取消し): what stood before it, and what has followed since.

Whether it may be is `engine.domain.moves.deciding.retract`.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from engine.domain.base import Frozen
from engine.domain.effects.measured import Effects
from engine.domain.organisation.organisation import ActedAs, PostRef
from engine.domain.review.review import Action, OpenStage, Passed, Review
from engine.domain.steps import Step


class Undo(Frozen):
    """What one decision changed, as it was before it; small as long as the round goes on.

    Args:
        seq: the decision's own event.
        votes, open, passed: of the review, where the round went on with it: how many had spoken, what was open.
        conditions, amendments, post_reviews: how many there were.
        review: the whole review, where the decision ended the round or sent it back.
        effects: where the decision measured anew.
    """

    seq: int
    votes: int
    open: tuple[OpenStage, ...]
    passed: tuple[Passed, ...] = ()
    conditions: int
    amendments: int
    post_reviews: int
    review: Review | None = None
    effects: Effects | None = None

    def review_before(self, now: Review | None) -> Review:
        """The review as it was; stages that are open still keep the reminders they have had since.

        Raises:
            ValueError: there is no review to go back to.
        """
        before = self.review
        if before is None:
            if now is None:
                raise ValueError("no review is under way")
            kept = {"votes": now.votes[: self.votes], "open": self.open, "passed": self.passed}
            before = now.model_copy(update=kept)
        still = {one.key: one for one in now.open} if now is not None else {}
        return before.model_copy(update={"open": tuple(still.get(one.key, one) for one in before.open)})


class Followed(Frozen):
    """What a person did after the last decision, building on it; `what` is the event's type."""

    what: str
    by: str
    at: datetime


class Opened(Frozen):
    """A cycle that grew from the decision: a next one, one that was joined, an adoption, a copy."""

    cycle_id: str
    title: str


class Restored(Frozen):
    """What stands again: the review, the effects, and how many conditions and amendments there were."""

    review: Review
    effects: Effects
    conditions: int = Field(ge=0)
    amendments: int = Field(ge=0)
    post_reviews: int = Field(ge=0)


class DecisionRetracted(Frozen):
    """決裁の取消し: who decided last took it back, and everything stands as before that decision.

    Args:
        decided: the seq of the decision's event.
        action, post, acted_as, decided_at: the decision that was taken back.
        reason: why it was taken back.
        tell: sections that were told of a rejection.
        ended: whether the cycle had ended with the decision.
    """

    type: Literal["decision_retracted"] = "decision_retracted"
    version: Literal[1] = 1
    step: Step
    round: int
    decided: int
    action: Action
    post: PostRef
    acted_as: ActedAs | None = None
    decided_at: datetime
    reason: str
    restored: Restored
    tell: tuple[PostRef, ...] = ()
    ended: bool = False
