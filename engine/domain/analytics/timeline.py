"""Who had a cycle, and for how long: its life as stretches of owner time, approver time and pause (lessons.md 29).

Made from the moments of its past, so the same stretches come out at any later time; the sums are those of the state's
clock.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from engine.domain.analytics.history import Moment
from engine.domain.base import Frozen
from engine.domain.steps import CycleStatus, Step

Who = Literal["owner", "approver", "held"]


class Stretch(Frozen):
    """A time during which the same side had the same step; aware UTC, `until` not included.

    Args:
        posts: the posts that were waited for all the while; empty for the owner and while on hold.
    """

    who: Who
    step: Step
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
    posts: tuple[str, ...]


def stretches(moments: Iterable[Moment], now: datetime) -> tuple[Stretch, ...]:
    """The cycle's life up to its end, or up to `now` while it is open; a stretch of no length is left out.

    Args:
        moments: the whole past of one cycle, in order.
        now: aware.
    """
    found: list[Stretch] = []
    begun: _Begun | None = None
    since = now
    for moment in moments:
        here = _begun(moment)
        if here == begun:
            continue
        found += _ended(begun, since, moment.since)
        begun, since = here, moment.since
    found += _ended(begun, since, now)
    return tuple(found)


def side_of(moment: Moment) -> Who | None:
    """Who has the cycle; None when it has ended."""
    status = CycleStatus(moment.status)
    if not status.is_open:
        return None
    if status is CycleStatus.ON_HOLD:
        return "held"
    return "approver" if moment.waits_for == "approver" else "owner"


def _begun(moment: Moment) -> _Begun | None:
    who = side_of(moment)
    if who is None:
        return None
    posts = tuple(moment.posts.split()) if who == "approver" else ()
    return _Begun(who=who, step=Step(moment.step), posts=posts)


def _ended(begun: _Begun | None, since: datetime, until: datetime) -> list[Stretch]:
    if begun is None or until <= since:
        return []
    return [Stretch(**begun.model_dump(), since=since, until=until)]
