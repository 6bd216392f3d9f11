"""How far the initiatives under a startup have come: derived from their steps, never typed in."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import nlargest
from typing import NamedTuple

from engine.domain.analytics.figure import Figure, rate
from engine.domain.analytics.history import Moment
from engine.domain.base import Frozen

Begun = tuple[datetime, str]
"""When an initiative began, and its id."""
_ENDED = ("rejected", "withdrawn")


class InitiativeProgress(Frozen):
    """One spiral: its newest cycle, and the steps that all its cycles have passed, of those they will have."""

    id: str
    title: str
    begun_at: datetime
    cycles: int
    newest_cycle: str
    status: str
    step: str
    org_scope: str
    pillar: str | None = None
    steps_passed: int
    steps: int


class Under(Frozen):
    """What has been begun under one code: how much, how far, and the newest few."""

    count: int
    steps_passed: int
    steps: int
    newest: tuple[InitiativeProgress, ...]


class Spirals:
    """The initiatives under each startup's code, kept up; cycles that were given up count for nothing."""

    def __init__(self, moments: Iterable[Moment] = ()) -> None:
        self._rings: dict[str, dict[str, Moment]] = defaultdict(dict)
        self._under: dict[str, list[Begun]] = defaultdict(list)
        self._steps: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.in_pillar: Counter[str | None] = Counter()
        for one in moments:
            self._rings[one.initiative_id][one.cycle_id] = one
        for name in self._rings:
            self._count(name, 1)

    def move(self, after: Moment) -> None:
        """A cycle is new, or stands otherwise now."""
        name = after.initiative_id
        if name in self._rings:
            self._count(name, -1)
        self._rings[name][after.cycle_id] = after
        self._count(name, 1)

    def codes(self) -> list[str]:
        """The codes under which something has been begun, in order."""
        return sorted(code for code, names in self._under.items() if names)

    def under(self, codes: Iterable[str], most: int, before: Begun | None = None) -> Under:
        """What has been begun under some codes together; the `most` newest are named, of those begun `before`."""
        wanted = list(codes)
        older = (self._older(code, before)[-most:] for code in wanted) if most else ()
        newest = nlargest(most, (one for found in older for one in found))
        return Under(
            count=sum(len(self._under.get(code, ())) for code in wanted),
            steps_passed=sum(self._steps[code][0] for code in wanted if code in self._steps),
            steps=sum(self._steps[code][1] for code in wanted if code in self._steps),
            newest=tuple(_progress(self._ordered(name)) for _, name in newest),
        )

    def _older(self, code: str, before: Begun | None) -> Sequence[Begun]:
        found = self._under.get(code, [])
        return found if before is None else found[: bisect_left(found, before)]

    def _ordered(self, name: str) -> list[Moment]:
        return sorted(self._rings[name].values(), key=lambda one: (one.turn, one.created_at, one.cycle_id))

    def _count(self, name: str, times: int) -> None:
        rings = self._ordered(name)
        code = rings[-1].startup
        self.in_pillar[rings[-1].pillar] += times
        if code is None:
            return
        begun = (rings[0].created_at, name)
        if times > 0:
            insort(self._under[code], begun)
        else:
            del self._under[code][bisect_left(self._under[code], begun)]
        progress, steps = _progress(rings), self._steps[code]
        steps[0] += times * progress.steps_passed
        steps[1] += times * progress.steps


class Wall(NamedTuple):
    """What the wall of pillars and startups shows: 時間/年 that was added, None while unmeasured, and initiatives."""

    hours_of_startup: dict[str, float | None]
    hours_in_pillar: dict[str | None, float | None]
    initiatives_in_pillar: dict[str | None, int]


def progress_of(under: Under) -> Figure:
    """Steps passed of all steps, in percent; unknown while there is nothing to pass."""
    return rate(under.steps_passed, under.steps)


def _progress(rings: Sequence[Moment]) -> InitiativeProgress:
    newest, standing = rings[-1], [one for one in rings if one.status not in _ENDED]
    return InitiativeProgress(
        id=newest.initiative_id,
        title=newest.title,
        begun_at=rings[0].created_at,
        cycles=len(rings),
        newest_cycle=newest.cycle_id,
        status=newest.status,
        step=newest.step,
        org_scope=newest.org_scope,
        pillar=newest.pillar,
        steps_passed=sum(one.steps_passed for one in standing),
        steps=4 * len(standing),
    )
