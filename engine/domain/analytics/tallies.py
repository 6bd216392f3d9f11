"""What figures rest on, counted up and down: a cycle that moves is taken out as it was and put in as it is.

So a figure costs about as much as it shows, however many cycles there are. Counted anew from all cycles or kept up
step by step, the numbers are the same: counts are whole, sums exact, lists in an order that nothing else decides.
"""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any, NamedTuple

from engine.domain.analytics.acts import Act
from engine.domain.analytics.drilldown import WAITING, parts_of
from engine.domain.analytics.figure import Figure, median_of
from engine.domain.analytics.history import Bond, Moment
from engine.domain.analytics.query import OPEN, FiguresWanted
from engine.domain.calendar import local_date
from engine.domain.effects.account import Booking, Total
from engine.domain.review.review import Action
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import Step

BELOW_AIM = ("not", "worse")
"""Verdicts that are told with what was learned."""
SIDES = ("owner", "approver")
Size = tuple[int, int, bool, datetime, str]
"""How far an initiative has come: rung, turns, whether it is under way, when it last moved, and its id."""
DECISIONS = tuple(action.value for action in Action)
_PLAIN = ("kind", "org_scope", "work_scope", "pillar", "startup", "org_unit", "owner", "turn")
_COSTS = ("cost_initial_yen", "cost_running_yen", "effort_hours", "offline_users")
_RANK = {scope.value: scope.rank for scope in (*OrgScope, *WorkScope)}
_SPENT = tuple((step, who, f"{step.value}_{who}_seconds") for step in Step for who in SIDES)


class Marks(NamedTuple):
    """What one cycle adds: to counts, to ordered lists, to sums. Each is a name and a value."""

    counted: tuple[tuple[Hashable, Hashable], ...]
    ordered: tuple[tuple[Hashable, Any], ...]
    added: tuple[tuple[str, float], ...]


class StandingTally(NamedTuple):
    """One cycle as figures see it.

    Args:
        grown: whether a larger cycle has grown out of it.
        booking: what it adds in the account of effects.
        bonds: its open conditions.
    """

    moment: Moment
    grown: bool
    booking: Booking
    bonds: tuple[Bond, ...]
    marks: Marks


def standing(moment: Moment, booking: Booking, bonds: tuple[Bond, ...] = (), *, grown: bool = False) -> StandingTally:
    """The cycle with what it adds."""
    counted, ordered = (*_counted(moment, grown=grown),), (*_ordered(moment, bonds, grown=grown),)
    added = tuple((name, value) for name in _COSTS if (value := getattr(moment, name)) is not None)
    return StandingTally(moment, grown, booking, bonds, Marks(counted, ordered, added))


def _counted(one: Moment, *, grown: bool) -> Iterator[tuple[Hashable, Hashable]]:
    state = "open" if one.status in OPEN else one.status
    yield from ((name, getattr(one, name)) for name in _PLAIN)
    yield from (("status", one.status), ("initiative", one.initiative_id), ("passed", one.steps_passed))
    yield from (("org_rung", (one.org_scope, state)), ("work_rung", (one.work_scope, state)))
    yield "turn_rung", (one.turn, state)
    if state == "open":
        yield from (("step", one.step), ("step_status", one.step_status))
    if grown and state == "completed":
        yield "grown", "completed"
    if grown and one.steps_passed == len(Step):
        yield "grown", "passed"
    yield from (("offline_route", one.offline_route), ("baseline_measured", one.baseline_measured))
    if one.steps_passed >= Step.REALISE.rank and one.hours_saved_per_year is not None:
        yield "realised", "measured"
    if one.verdict:
        yield "verdict", one.verdict
    if one.waits_for == "owner":
        yield "own", one.owner
    elif one.waits_for == "approver":
        yield "desk", (one.posts, one.owner)
    yield from (("tile", (one.org_unit, one.org_scope, state)), (("begun", one.org_unit), one.initiative_id))
    if state == "open":
        yield "open_initiative", one.initiative_id
    yield from (("group", group) for group in (one.left_behind or "").split("\n") if group)


def _ordered(one: Moment, bonds: Iterable[Bond], *, grown: bool) -> Iterator[tuple[Hashable, Any]]:
    here = one.cycle_id
    for part in parts_of(one, grown=grown):
        yield part, (one.waiting_since if part in WAITING.values() else one.since, here)
    for step, who, column in _SPENT:
        seconds = getattr(one, column)
        if seconds is not None and one.steps_passed >= step.rank:
            yield from (((step, who), seconds), (("spent", who), seconds))
    if one.due_at is not None:
        yield "due", one.due_at
    if one.waits_for != "none":
        yield "waiting", (one.waiting_since, here)
    if one.waits_for in SIDES:
        yield ("since", one.waits_for), one.waiting_since
        keys = [("owner", one.owner)] if one.waits_for == "owner" else [("post", post) for post in one.posts.split()]
        for key in keys:
            yield key, one.waiting_since
            if one.due_at is not None:
                yield (f"{key[0]} due", key[1]), one.due_at
    if one.verdict in BELOW_AIM:
        yield "below_aim", (one.measured_at or one.since, here)
    if one.status == "completed":
        yield "furthest", (-_RANK[one.org_scope], -_RANK[one.work_scope], -one.turn, here)
        told = one.public_level == "public" and one.verdict in {"achieved", "partial"}
        if told and (one.hours_saved_per_year or 0.0) > 0:
            yield "story", (-(one.citizen_score or 0.0), -(one.hours_saved_per_year or 0.0), here)
    yield from (("bond", (bond.due, here, bond.n)) for bond in bonds)


class Tallies:
    """The cycles that are meant, counted; `wanted` says which, its instant does not matter."""

    def __init__(self, wanted: FiguresWanted, standings: Iterable[StandingTally] = ()) -> None:
        self._wanted = wanted
        self.standings: dict[str, StandingTally] = {}
        self.brought = Total()
        self.pillars: dict[str | None, Total] = {}
        self.startups: dict[str | None, Total] = {}
        self._spirals: dict[str, set[str]] = {}
        self._sizes: list[Size] = []
        self._counts: dict[Hashable, Counter[Any]] = defaultdict(Counter)
        self._lists: dict[Hashable, list[Any]] = defaultdict(list)
        self._sums: dict[str, tuple[Fraction, int]] = {}
        for one in standings:
            if wanted.takes(one.moment):
                self._count(one, 1)
                for name, value in one.marks.ordered:
                    self._lists[name].append(value)
        for values in self._lists.values():
            values.sort()
        self._sizes = sorted(self._size(name) for name in self._spirals)

    def move(self, before: StandingTally | None, after: StandingTally | None) -> None:
        """A cycle stands otherwise now."""
        names = {one.moment.initiative_id for one in (before, after) if one is not None}
        for spiral in names & self._spirals.keys():
            del self._sizes[bisect_left(self._sizes, self._size(spiral))]
        if before is not None and before.moment.cycle_id in self.standings:
            self._count(before, -1)
            for name, value in before.marks.ordered:
                values = self._lists[name]
                del values[bisect_left(values, value)]
                if not values:
                    del self._lists[name]
        if after is not None and self._wanted.takes(after.moment):
            self._count(after, 1)
            for name, value in after.marks.ordered:
                insort(self._lists[name], value)
        for spiral in names & self._spirals.keys():
            insort(self._sizes, self._size(spiral))

    def _count(self, one: StandingTally, times: int) -> None:
        here, spiral = one.moment.cycle_id, one.moment.initiative_id
        if times > 0:
            self.standings[here] = one
            self._spirals.setdefault(spiral, set()).add(here)
        else:
            del self.standings[here]
            self._spirals[spiral].discard(here)
            if not self._spirals[spiral]:
                del self._spirals[spiral]
        for name, key in one.marks.counted:
            counts = self._counts[name]
            counts[key] += times
            if not counts[key]:
                del counts[key]
        for column, value in one.marks.added:
            so_far, known = self._sums.get(column, (Fraction(0), 0))
            self._sums[column] = (so_far + Fraction(value) * times, known + times)
        if self._wanted.counts(one.booking.entry.realised_at):
            self.brought.add(one.booking, times)
            entry = one.booking.entry
            for totals, key in ((self.pillars, entry.pillar), (self.startups, entry.startup)):
                total = totals.setdefault(key, Total())
                total.add(one.booking, times)
                if not total.bookings:
                    del totals[key]

    def __len__(self) -> int:
        return len(self.standings)

    def counts(self, name: Hashable) -> Counter[Any]:
        """How many of each key; keys without any are not there."""
        return self._counts.get(name, Counter())

    def values(self, name: Hashable) -> Sequence[Any]:
        """A list in its order."""
        return self._lists.get(name, ())

    def queues(self, kind: str) -> list[str]:
        """The keys of the lists that belong to a kind: posts, or owners."""
        return [name[1] for name in self._lists if isinstance(name, tuple) and name[0] == kind]

    def before(self, name: Hashable, value: Any) -> int:
        """How many of a list come before a value."""
        return bisect_left(self.values(name), value)

    def total(self, name: str, unit: str) -> Figure:
        """The sum of what is known."""
        found, known = self._sums.get(name, (Fraction(0), 0))
        return Figure(value=round(float(found), 6) if known else None, unit=unit, n=known)

    def furthest(self, most: int) -> list[list[StandingTally]]:
        """The initiatives that have come furthest, each with its cycles: by scope, turns, then what moved last."""
        return [
            [self.standings[cycle] for cycle in sorted(self._spirals[name])]
            for *_, name in reversed(self._sizes[-most:])
        ]

    def _size(self, initiative: str) -> Size:
        moments = [self.standings[cycle].moment for cycle in self._spirals[initiative]]
        return (
            max(_RANK[one.org_scope] for one in moments),
            max(one.turn for one in moments),
            any(one.status in OPEN for one in moments),
            max(one.since for one in moments),
            initiative,
        )

    def moment(self, cycle_id: str) -> Moment:
        """Where one of the cycles stands."""
        return self.standings[cycle_id].moment


class Dated:
    """What the cycles that are meant added, and which of them finished, by the office's day."""

    def __init__(self, wanted: FiguresWanted, offset: int, standings: Iterable[StandingTally] = ()) -> None:
        self._wanted, self._offset = wanted, offset
        self.measured: dict[date, Total] = {}
        self.finished: Counter[date] = Counter()
        for one in standings:
            self.move(None, one)

    def move(self, before: StandingTally | None, after: StandingTally | None) -> None:
        """A cycle stands otherwise now."""
        for one, times in ((before, -1), (after, 1)):
            if one is None or not self._wanted.takes(one.moment):
                continue
            if one.moment.status == "completed":
                self.finished[local_date(one.moment.since, self._offset)] += times
            at = one.booking.entry.realised_at
            if at is not None:
                total = self.measured.setdefault(local_date(at, self._offset), Total())
                total.add(one.booking, times)


class Deeds:
    """The acts of a period on the cycles that are meant, counted; acts are only ever added."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.first = 0
        self.ways: Counter[str] = Counter()
        self.returned: dict[str, Counter[str]] = {"step": Counter(), "post": Counter(), "reason": Counter()}
        self._waits: dict[str, list[float]] = defaultdict(list)
        self._returns: list[tuple[datetime, str, int, Act]] = []

    def add(self, act: Act) -> None:
        """One more."""
        self.count(act.kind, act.why, 1, int(bool(act.first)))
        if act.kind in DECISIONS and act.post is not None and act.waited_seconds is not None:
            insort(self._waits[act.post], act.waited_seconds)
        if act.kind == Action.RETURN:
            self.add_return(act)

    def count(self, kind: str, why: str | None, count: int, first: int) -> None:
        """Some of one kind and way; `first` of them passed a step in its first decided round."""
        self.kinds[kind] += count
        if kind == "pass":
            self.first += first
        if kind in DECISIONS and why:
            self.ways[why] += count

    def add_waits(self, waits: Iterable[tuple[str, float]]) -> None:
        """How long posts took, many at once: post and seconds."""
        for post, seconds in waits:
            self._waits[post].append(seconds)
        for found in self._waits.values():
            found.sort()

    def add_return(self, act: Act) -> None:
        """A return, whose kind is counted elsewhere."""
        insort(self._returns, (act.at, act.cycle_id, act.seq, act))
        self.returned["step"][act.step] += 1
        if act.post:
            self.returned["post"][act.post] += 1
        if act.reason:
            self.returned["reason"][act.reason.strip()] += 1

    def latest_returns(self, most: int) -> list[Act]:
        """The newest ones first."""
        return [act for *_, act in reversed(self._returns[-most:])]

    def pace(self) -> dict[str, tuple[int, float]]:
        """Each post's number of decisions and their median, in seconds."""
        return {post: (len(waits), median_of(waits)) for post, waits in self._waits.items()}
