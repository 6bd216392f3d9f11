"""What the rows of several moves share, and what time brings; `engine.domain.moves.catalogue` holds the rows."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.domain.moves.table.cells import Answer, Cell, Happens, across, cell, done
from engine.domain.moves.table.named_states import ENDED, NamedState

DRAFT, IN_REVIEW, RETURNED = NamedState.DRAFT, NamedState.IN_REVIEW, NamedState.RETURNED
HELD, SLEEPING = NamedState.HELD, NamedState.SLEEPING
COMPLETED, REJECTED, WITHDRAWN = ENDED
OWNERS, DECIDERS = "owner_only", "not_your_decision"
"""The refusals of whoever is not the owner, and of whoever is not asked."""


def writing(answer: Happens) -> Mapping[NamedState, Cell]:
    """The owner's, while the step is with the owner."""
    asleep = cell(OWNERS, owner="on_hold")
    waiting = {IN_REVIEW: cell(OWNERS, owner="in_review"), HELD: asleep, SLEEPING: asleep}
    return across(cell(OWNERS, owner=answer), cells=waiting)


def owners(answer: Answer, **cells: Answer) -> Mapping[NamedState, Cell]:
    """The owner's in every open state, but for what is said of some."""
    said = {NamedState(name): cell(OWNERS, owner=one) for name, one in cells.items()}
    return across(cell(OWNERS, owner=answer), cells=said)


TIME: Mapping[NamedState, Happens] = MappingProxyType(
    {
        IN_REVIEW: done("stage_escalated", "reminder_due"),
        HELD: done("hold_ended", to=IN_REVIEW),
        SLEEPING: done("hold_ended", to=DRAFT),
    }
)
"""What a day that comes brings; nothing in the other states."""
BEGINNINGS = (DRAFT, SLEEPING)
"""Where a cycle is when it has just been opened."""
