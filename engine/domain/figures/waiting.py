"""Where items wait, for whom and how long; who decides how fast; proxy and pull-up use (field.md 5.9)."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from engine.domain.approvals import Frozen
from engine.domain.figures.measure import DAY, Figure, rate
from engine.domain.figures.summary import Band, StepTime, bands, step_time
from engine.domain.figures.wanted import Wanted
from engine.domain.history import Moment
from engine.domain.organisation import Organisation, PostRef
from engine.domain.steps import Step

OVERLOADED = 5
"""Things that wait for one person, above which they count as overloaded; a rule of ours, said in the answer."""
LONGEST = 50
"""Lines of a list in an answer."""


class Queue(Frozen):
    """What waits for a post or a person; days of 24 hours. `people` hold the post on that day, proxies included."""

    key: str
    people: tuple[str, ...]
    waiting: int
    overdue: int
    oldest_days: float
    median_days: float


class Pace(Frozen):
    """How long a post took, from when it could decide until it did; holds left out."""

    post: str
    days: Figure


class Load(Frozen):
    """What waits for one person: own steps, and decisions in posts they hold or stand in for."""

    person: str
    own: int
    decisions: int
    overloaded: bool


class Longest(Frozen):
    """One cycle that waits, the longest first."""

    cycle_id: str
    title: str
    step: str
    waits_for: str
    owner: str
    posts: tuple[str, ...]
    days: float
    overdue: bool


class WaitingFigures(Frozen):
    """Everything about waiting; `by_post`, `by_owner` and `longest` hold the first 50."""

    bands: tuple[Band, ...]
    by_post: tuple[Queue, ...]
    by_owner: tuple[Queue, ...]
    longest: tuple[Longest, ...]
    steps: tuple[StepTime, ...]
    pace: tuple[Pace, ...]
    proxy_rate: Figure
    pull_up_rate: Figure
    load: tuple[Load, ...]
    overloaded_above: int = OVERLOADED


class Ways(Frozen):
    """How many decisions came by which way: in one's own post, by proxy (代決), by escalation (引上げ)."""

    post: int = 0
    proxy: int = 0
    escalation: int = 0


def waiting_figures(
    moments: Sequence[Moment], pace: Sequence[Pace], ways: Ways, organisation: Organisation, wanted: Wanted
) -> WaitingFigures:
    """What waits among `moments`, who holds which post asked on the day of the question."""
    decided = ways.post + ways.proxy + ways.escalation
    holders = _Holders(organisation, wanted)
    return WaitingFigures(
        bands=bands(moments, wanted.at),
        by_post=_by_post(moments, holders, wanted.at),
        by_owner=_queues(((one.owner, one) for one in moments if one.waits_for == "owner"), wanted.at, None),
        longest=_longest(moments, wanted.at),
        steps=tuple(step_time(moments, step) for step in Step),
        pace=tuple(pace),
        proxy_rate=rate(ways.proxy, decided),
        pull_up_rate=rate(ways.escalation, decided),
        load=loads(moments, holders),
    )


class _Holders:
    """Who may act for a post on the day, asked once for each post and owner."""

    def __init__(self, organisation: Organisation, wanted: Wanted) -> None:
        self._organisation, self._day = organisation, wanted.today
        self._known: dict[tuple[str, str | None], tuple[str, ...]] = {}

    def of(self, post: str, owner: str | None = None) -> tuple[str, ...]:
        """In the order of the organisation, each once."""
        key = (post, owner)
        if key not in self._known:
            grants = self._organisation.deciders(PostRef.parse(post), self._day, excluding=owner)
            self._known[key] = tuple(dict.fromkeys(grant.person_id for grant in grants))
        return self._known[key]


def loads(moments: Iterable[Moment], holders: _Holders) -> tuple[Load, ...]:
    """Who has how much on the desk, the most first."""
    own: dict[str, int] = defaultdict(int)
    decisions: dict[str, int] = defaultdict(int)
    for one in moments:
        if one.waits_for == "owner":
            own[one.owner] += 1
        elif one.waits_for == "approver":
            for person in {person for post in one.posts.split() for person in holders.of(post, one.owner)}:
                decisions[person] += 1
    people = sorted(own.keys() | decisions.keys(), key=lambda who: (-own[who] - decisions[who], who))
    return tuple(
        Load(person=who, own=own[who], decisions=decisions[who], overloaded=own[who] + decisions[who] > OVERLOADED)
        for who in people[:LONGEST]
    )


def _by_post(moments: Sequence[Moment], holders: _Holders, at: datetime) -> tuple[Queue, ...]:
    pairs = ((post, one) for one in moments if one.waits_for == "approver" for post in one.posts.split())
    return _queues(pairs, at, holders)


def _queues(pairs: Iterable[tuple[str, Moment]], at: datetime, holders: _Holders | None) -> tuple[Queue, ...]:
    found: dict[str, list[Moment]] = defaultdict(list)
    for key, one in pairs:
        found[key].append(one)
    queues = [_queue(key, waiting, at, holders.of(key) if holders else (key,)) for key, waiting in found.items()]
    return tuple(sorted(queues, key=lambda one: (-one.waiting, -one.oldest_days, one.key))[:LONGEST])


def _queue(key: str, waiting: Sequence[Moment], at: datetime, people: tuple[str, ...]) -> Queue:
    days = [_days(one, at) for one in waiting]
    return Queue(
        key=key,
        people=people,
        waiting=len(waiting),
        overdue=sum(one.due_at is not None and one.due_at < at for one in waiting),
        oldest_days=round(max(days), 2),
        median_days=round(statistics.median(days), 2),
    )


def _longest(moments: Iterable[Moment], at: datetime) -> tuple[Longest, ...]:
    waiting = sorted((one for one in moments if one.waits_for != "none"), key=lambda one: one.waiting_since)
    return tuple(
        Longest(
            cycle_id=one.cycle_id,
            title=one.title,
            step=one.step,
            waits_for=one.waits_for,
            owner=one.owner,
            posts=tuple(one.posts.split()),
            days=round(_days(one, at), 2),
            overdue=one.due_at is not None and one.due_at < at,
        )
        for one in waiting[:LONGEST]
    )


def _days(moment: Moment, at: datetime) -> float:
    return (at - moment.waiting_since).total_seconds() / DAY


def pace_of(rows: Mapping[str, tuple[int, float]]) -> tuple[Pace, ...]:
    """Posts with how many decisions and their median in seconds, the slowest first."""
    ordered = sorted(rows.items(), key=lambda one: (-one[1][1], one[0]))
    return tuple(
        Pace(post=post, days=Figure(value=round(seconds / DAY, 2), unit="days", n=count))
        for post, (count, seconds) in ordered[:LONGEST]
    )
