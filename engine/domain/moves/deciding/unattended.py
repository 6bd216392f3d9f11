"""Cycles that wait for nobody: what a person has to put right in the organisation, since no rule can."""

from datetime import date

from engine.domain.cycle.state import CycleState
from engine.domain.organisation.organisation import Organisation

OWNER_UNKNOWN = "owner_unknown"
"""The owner is nobody in the organisation in force."""
NOBODY_DECIDES = "nobody_may_decide"
"""A review is open, and none of its posts, nor any above them, is held by anybody who may."""


def unattended(state: CycleState, organisation: Organisation, today: date) -> str | None:
    """Why an open cycle waits for nobody; None when it waits for somebody.

    Args:
        state: of the cycle.
        organisation: in force.
        today: the office's day.
    """
    if not state.status.is_open:
        return None
    if organisation.person(state.owner) is None:
        return OWNER_UNKNOWN
    posts = state.open_posts()
    if posts and not any(organisation.deciders(post, today, state.owner) for post in posts):
        return NOBODY_DECIDES
    return None
