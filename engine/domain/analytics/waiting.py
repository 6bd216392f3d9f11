"""Where items wait, for whom and how long; who decides how fast; proxy and pull-up use (docs/field/measuring.md)."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from heapq import nsmallest

from engine.domain.analytics.figure import DAY, Figure, rate
from engine.domain.analytics.query import FiguresWanted
from engine.domain.analytics.summary import Band, StepTime, bands, step_time
from engine.domain.analytics.tallies import Deeds, Tallies
from engine.domain.base import Frozen
from engine.domain.organisation.organisation import Organisation, PostRef
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
    unnamed: int = 0
    """Items that are counted and not named, because the reader may not see them."""
    overloaded_above: int = OVERLOADED


class Ways(Frozen):
    """How many decisions came by which way: in one's own post, by proxy (代決), by escalation (引上げ)."""

    post: int = 0
    proxy: int = 0
    escalation: int = 0


class Holders:
    """Who may act for a post on a day, asked once for each post and owner; to be kept while both stay the same."""

    def __init__(self, organisation: Organisation, day: date) -> None:
        self.organisation, self.day = organisation, day
        self._known: dict[tuple[str, str | None], tuple[str, ...]] = {}

    def of(self, post: str, owner: str | None = None) -> tuple[str, ...]:
        """In the order of the organisation, each once."""
        key = (post, owner)
        if key not in self._known:
            grants = self.organisation.deciders(PostRef.parse(post), self.day, excluding=owner)
            self._known[key] = tuple(dict.fromkeys(grant.person_id for grant in grants))
        return self._known[key]


def waiting_figures(tallies: Tallies, deeds: Deeds, holders: Holders, wanted: FiguresWanted) -> WaitingFigures:
    """What waits among the cycles that are meant, who holds which post asked on the day of the question."""
    ways = Ways.model_validate(dict(deeds.ways))
    decided = ways.post + ways.proxy + ways.escalation
    return WaitingFigures(
        bands=bands(tallies, wanted.at),
        by_post=_queues(tallies, "post", wanted.at, holders),
        by_owner=_queues(tallies, "owner", wanted.at, None),
        longest=_longest(tallies, wanted.at),
        steps=tuple(step_time(tallies, step) for step in Step),
        pace=pace_of(deeds.pace()),
        proxy_rate=rate(ways.proxy, decided),
        pull_up_rate=rate(ways.escalation, decided),
        load=loads(tallies, holders),
    )


def loads(tallies: Tallies, holders: Holders) -> tuple[Load, ...]:
    """Who has how much on the desk, the most first."""
    own, decisions = tallies.counts("own"), Counter[str]()
    for (posts, owner), count in tallies.counts("desk").items():
        for person in {person for post in posts.split() for person in holders.of(post, owner)}:
            decisions[person] += count
    people = nsmallest(LONGEST, own.keys() | decisions.keys(), key=lambda who: (-own[who] - decisions[who], who))
    return tuple(
        Load(person=who, own=own[who], decisions=decisions[who], overloaded=own[who] + decisions[who] > OVERLOADED)
        for who in people
    )


def _queues(tallies: Tallies, kind: str, at: datetime, holders: Holders | None) -> tuple[Queue, ...]:
    """The longest queues of a kind; equally long ones by who has waited longest."""
    sizes = [(len(found), found[0], key) for key in tallies.queues(kind) if (found := tallies.values((kind, key)))]
    first = nsmallest(LONGEST, sizes, key=lambda one: (-one[0], one[1], one[2]))
    return tuple(
        _queue(key, tallies.values((kind, key)), tallies.before((f"{kind} due", key), at), at, people)
        for _, _, key in first
        for people in (holders.of(key) if holders else (key,),)
    )


def _queue(key: str, since: Sequence[datetime], overdue: int, at: datetime, people: tuple[str, ...]) -> Queue:
    half = len(since) // 2
    middle = since[half : half + 1] if len(since) % 2 else since[half - 1 : half + 1]
    return Queue(
        key=key,
        people=people,
        waiting=len(since),
        overdue=overdue,
        oldest_days=round(_days(since[0], at), 2),
        median_days=round(statistics.median(_days(one, at) for one in middle), 2),
    )


def _longest(tallies: Tallies, at: datetime) -> tuple[Longest, ...]:
    found = [tallies.moment(cycle) for _, cycle in tallies.values("waiting")[:LONGEST]]
    return tuple(
        Longest(
            cycle_id=one.cycle_id,
            title=one.title,
            step=one.step,
            waits_for=one.waits_for,
            owner=one.owner,
            posts=tuple(one.posts.split()),
            days=round(_days(one.waiting_since, at), 2),
            overdue=one.due_at is not None and one.due_at < at,
        )
        for one in found
    )


def _days(since: datetime, at: datetime) -> float:
    return (at - since).total_seconds() / DAY


def pace_of(rows: Mapping[str, tuple[int, float]]) -> tuple[Pace, ...]:
    """Posts with how many decisions and their median in seconds, the slowest first."""
    ordered = sorted(rows.items(), key=lambda one: (-one[1][1], one[0]))
    return tuple(
        Pace(post=post, days=Figure(value=round(seconds / DAY, 2), unit="days", n=count))
        for post, (count, seconds) in ordered[:LONGEST]
    )
