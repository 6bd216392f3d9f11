"""Who had a cycle, and for how long: its life as stretches of owner time, approver time and pause (lessons.md 29).

Made from the events alone, so the same stretches come out at any later time; the sums are those of the state's clock.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from engine.domain.base import Frozen
from engine.domain.cycle.events import Event
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.walk import walk
from engine.domain.steps import CycleStatus, Step

Who = Literal["owner", "approver", "held"]


class Stretch(Frozen):
    """A time during which the same side had the same step; aware UTC, `until` not included.

    Args:
        posts: the posts that were waited for all the while; empty for the owner and while on hold.
    """

    who: Who
    step: Step
    round: int = 0
    since: datetime
    until: datetime
    posts: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long."""
        return (self.until - self.since).total_seconds()


class _Begun(Frozen):
    """A stretch that has no end yet."""

    who: Who
    step: Step
    round: int
    posts: tuple[str, ...]


def stretches(events: Iterable[Event], now: datetime) -> tuple[Stretch, ...]:
    """The cycle's life up to its end, or up to `now` while it is open; a stretch of no length is left out."""
    found: list[Stretch] = []
    begun: _Begun | None = None
    since = now
    for _, event, after in walk(None, events):
        here = _begun(after)
        if here == begun:
            continue
        found += _ended(begun, since, event.at)
        begun, since = here, event.at
    found += _ended(begun, since, now)
    return tuple(found)


def side_of(state: CycleState) -> Who | None:
    """Who has the cycle; None when it has ended."""
    if not state.status.is_open:
        return None
    if state.status is CycleStatus.ON_HOLD:
        return "held"
    return "approver" if state.waits_for == "approver" else "owner"


def _begun(state: CycleState) -> _Begun | None:
    who = side_of(state)
    if who is None:
        return None
    posts = tuple(str(post) for post in state.open_posts()) if who == "approver" else ()
    return _Begun(who=who, step=state.step, round=state.round if who == "approver" else 0, posts=posts)


def _ended(begun: _Begun | None, since: datetime, until: datetime) -> list[Stretch]:
    if begun is None or until <= since:
        return []
    return [Stretch(**begun.model_dump(), since=since, until=until)]
