"""The whole city in memory, as figures count it: today, kept up from the journal's end, and a few past days.

Nothing is made anew because somebody, somewhere, gave a command: what changed is taken out of the tallies as it was
and put in as it is. A past day stays as it was for as long as nothing is written that reaches back to it.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import RLock
from typing import Generic, NamedTuple, TypeVar

from cachetools import LRUCache
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from engine.domain.analytics.history import Bond, Moment
from engine.domain.analytics.query import FiguresWanted
from engine.domain.analytics.startup_progress import Spirals
from engine.domain.analytics.tallies import Dated, Deeds, StandingTally, Tallies, standing
from engine.domain.effects.account import AccountEntry, book
from engine.domain.effects.incremental_account import Books
from engine.domain.effects.sums import GroupBy, Selection, Sums
from engine.domain.lineage.edges import EdgeKind
from engine.domain.organisation.organisation import Organisation
from engine.domain.steps import CycleKind, CycleStatus
from engine.store.database import reading
from engine.store.projections import history
from engine.store.queries import act_counts as deeds
from engine.store.queries.effects import entries_of
from engine.store.tables import CycleParentRow, JournalRow

MANY = 400
"""Changed cycles above which everything is read again at once."""
QUESTIONS = 64
"""Questions that are kept up at most: a filter of its own each."""
DAYS = 4
"""Past days that are kept at most."""
Made = TypeVar("Made")


class Latest(Generic[Made]):
    """A few things that were made; the one asked for least lately goes."""

    def __init__(self, most: int) -> None:
        self._made: LRUCache[Hashable, Made] = LRUCache(most)

    def __iter__(self) -> Iterator[Made]:
        return iter([*self._made.values()])

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What is there under this key, else what `make` makes."""
        if key not in self._made:
            self.put(key, make())
        return self._made[key]

    def put(self, key: Hashable, made: Made) -> None:
        """Keep it."""
        self._made[key] = made

    def found(self, key: Hashable) -> Made | None:
        """What is there under this key."""
        return self._made.get(key)

    def drop(self, goes: Callable[[Hashable], bool]) -> None:
        """Forget some."""
        for key in [key for key in self._made if goes(key)]:
            del self._made[key]


class FiguresScope(NamedTuple):
    """What a question is about, without its instant."""

    pillar: str | None
    startups: frozenset[str] | None
    org_units: frozenset[str] | None
    since: datetime | None

    @property
    def narrows(self) -> bool:
        """Whether acts must be told apart by their cycles."""
        return not (self.pillar is None and self.startups is None and self.org_units is None)


class Day:
    """Every cycle on one day, and what was counted for the questions about it."""

    def __init__(self, standings: dict[str, StandingTally]) -> None:
        self.standings = standings
        self.tallies: Latest[Tallies] = Latest(QUESTIONS)
        self.dated: Latest[Dated] = Latest(QUESTIONS)
        self.deeds: Latest[tuple[FiguresScope, Deeds]] = Latest(QUESTIONS)
        self._spirals: Spirals | None = None

    def tally(self, wanted: FiguresWanted) -> Tallies:
        """The cycles that are meant, counted."""
        return self.tallies.get(_scope(wanted), lambda: Tallies(wanted, self.standings.values()))

    def dates(self, wanted: FiguresWanted, offset: int) -> Dated:
        """The cycles that are meant by the day on which something came of them, whatever the year asked for."""
        every = wanted.model_copy(update={"since": None, "fiscal_year": None})
        return self.dated.get((_scope(every), offset), lambda: Dated(every, offset, self.standings.values()))

    def deed(self, session: Session, wanted: FiguresWanted) -> Deeds:
        """The acts on the cycles that are meant, counted."""
        scope = _scope(wanted)
        return self.deeds.get(scope, lambda: (scope, deeds.counted(session, wanted)))[1]

    def spirals(self) -> Spirals:
        """The initiatives under each startup."""
        if self._spirals is None:
            self._spirals = Spirals(one.moment for one in self.standings.values())
        return self._spirals

    def move(self, after: StandingTally) -> None:
        """A cycle stands otherwise now."""
        before = self.standings.get(after.moment.cycle_id)
        self.standings[after.moment.cycle_id] = after
        for tallies in self.tallies:
            tallies.move(before, after)
        for dated in self.dated:
            dated.move(before, after)
        if self._spirals is not None:
            self._spirals.move(after.moment)
        if before is not None and _home(before.moment) != _home(after.moment):
            self.deeds.drop(lambda key: isinstance(key, FiguresScope) and key.narrows)


class City:
    """Today, kept up; and past days."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = RLock()
        self._position = -1
        self._organisation: Organisation | None = None
        self._joins = 0
        self._forget(540)

    def _forget(self, offset: int) -> None:
        self._today = Day({})
        self._books = Books(offset)
        self._grown: set[str] = set()
        self._past: Latest[Day] = Latest(DAYS)
        self._sums: Latest[Sums] = Latest(QUESTIONS)

    @contextmanager
    def day(self, wanted: FiguresWanted) -> Iterator[tuple[Session, Day]]:
        """The day that is asked about; it stands still for as long as the block lasts."""
        with self._lock, reading(self._engine) as session:
            self._catch_up(session, self._books.offset)
            made = self._today if wanted.is_now else self._past.found(wanted.at)
            if made is not None:
                yield session, made
                return
            position, joins = self._position, self._joins
        with reading(self._engine) as session:  # made while others go on asking
            made = Day(_standings_at(session, wanted.at))
        with self._lock, reading(self._engine) as session:
            self._catch_up(session, self._books.offset)
            if joins == self._joins and not _reached_back(session, position, wanted.at):
                self._past.put(wanted.at, made)
            yield session, made

    @contextmanager
    def sums(
        self, selection: Selection, by: GroupBy | None, organisation: Organisation, offset: int
    ) -> Iterator[Sums]:
        """Sums of what was brought so far; fiscal years are those of an office `offset` minutes from UTC."""
        with self._lock, reading(self._engine) as session:
            self._catch_up(session, offset)
            if self._organisation is not organisation:
                self._organisation = organisation
                self._sums = Latest(QUESTIONS)
            bookings = (one.booking for one in self._today.standings.values())
            yield self._sums.get((selection, by), lambda: Sums(selection, by, organisation, bookings))

    def _catch_up(self, session: Session, offset: int) -> None:
        position = session.scalar(select(func.max(JournalRow.position))) or 0
        if offset != self._books.offset or position < self._position:
            self._position = -1
        if position == self._position:
            return
        new: list[tuple[str, int, datetime]] = []
        if self._position >= 0:
            rows = select(col(JournalRow.cycle_id), col(JournalRow.seq), col(JournalRow.at)).where(
                col(JournalRow.position) > self._position
            )
            new = [(cycle, seq, at) for cycle, seq, at in session.execute(rows.limit(MANY * 10))]
        firsts = {cycle: seq for cycle, seq, _ in sorted(new, key=lambda one: -one[1])}
        if not firsts or len(firsts) > MANY or len(new) == MANY * 10:
            self._position = -1
            self._forget(offset)
            self._take(session, None)
        else:
            self._take(session, list(firsts))
            self._act(session, firsts)
            earliest = min(at for _, _, at in new)
            self._past.drop(lambda at: isinstance(at, datetime) and at >= earliest)
        self._position = position

    def _take(self, session: Session, cycles: Sequence[str] | None) -> None:
        """Bring these cycles, or all, up to date."""
        moments = {one.cycle_id: one for one in history.moments(session, None, cycles)}
        bonds = history.open_bonds(session, cycles)
        entries = entries_of(session, cycles)
        joined = any(
            one.cycle_id in self._today.standings and self._books.parents(one.cycle_id) != one.parents
            for one in entries
        )
        if joined:  # what contains what is told as it is today, on past days too
            self._past.drop(lambda _: True)
            self._joins += 1
        changed = {*moments, *self._books.put(entries)}
        grown = {parent for one in entries if one.kind == "expand" for parent in one.parents} - self._grown
        self._grown |= grown
        for cycle in changed | (grown & (self._today.standings.keys() | moments.keys())):
            before = self._today.standings.get(cycle)
            moment = moments.get(cycle) or (before.moment if before else None)
            if moment is None:
                continue
            held = bonds.get(cycle, ()) if cycle in moments else before.bonds if before else ()
            after = standing(moment, self._books[cycle], tuple(held), grown=cycle in self._grown)
            for one in self._sums:
                one.move(before.booking if before else None, after.booking)
            self._today.move(after)

    def _act(self, session: Session, firsts: dict[str, int]) -> None:
        """Count the acts of these cycles from their first new event on."""
        if not [*self._today.deeds]:
            return
        acts = deeds.new(session, firsts)
        if any(act.kind == "retract" for act in acts):  # what was counted does not count any more
            self._today.deeds.drop(lambda _: True)
        for act in acts:
            moment = self._today.standings[act.cycle_id].moment
            for scope, found in self._today.deeds:
                if (scope.since is None or act.at >= scope.since) and _is_in(moment, scope):
                    found.add(act)


def _reached_back(session: Session, position: int, at: datetime) -> bool:
    """Whether something was written beyond a position that happened at an instant or before."""
    query = select(col(JournalRow.position)).where(col(JournalRow.position) > position, col(JournalRow.at) <= at)
    return session.execute(query.limit(1)).first() is not None


def _scope(wanted: FiguresWanted) -> FiguresScope:
    return FiguresScope(wanted.pillar, wanted.startups, wanted.org_units, wanted.since)


def _home(moment: Moment) -> tuple[str | None, str | None, str]:
    """What acts are told apart by."""
    return moment.pillar, moment.startup, moment.org_unit


def _is_in(moment: Moment, scope: FiguresScope) -> bool:
    return (
        scope.pillar in {None, moment.pillar}
        and (scope.startups is None or moment.startup in scope.startups)
        and (scope.org_units is None or moment.org_unit in scope.org_units)
    )


def _standings_at(session: Session, at: datetime) -> dict[str, StandingTally]:
    """Where every cycle stood at an instant."""
    moments = history.moments(session, at)
    there = {one.cycle_id for one in moments}
    above: dict[str, list[tuple[str, EdgeKind]]] = {}
    for child, parent, kind in session.execute(_EDGES):
        if child in there:
            above.setdefault(child, []).append((parent, EdgeKind(kind)))
    bookings = {one.entry.cycle_id: one for one in book(_entry(one, above.get(one.cycle_id, ())) for one in moments)}
    bonds: dict[str, list[Bond]] = {}
    for bond in history.bonds(session, at):
        bonds.setdefault(bond.cycle_id, []).append(bond)
    grown = {parent for one in moments if one.kind == CycleKind.EXPAND for parent, _ in above.get(one.cycle_id, ())}
    return {
        one.cycle_id: standing(
            one, bookings[one.cycle_id], tuple(bonds.get(one.cycle_id, ())), grown=one.cycle_id in grown
        )
        for one in moments
    }


_EDGES = select(col(CycleParentRow.cycle_id), col(CycleParentRow.parent_id), col(CycleParentRow.kind))


def _entry(moment: Moment, above: Iterable[tuple[str, EdgeKind]]) -> AccountEntry:
    return AccountEntry.model_construct(
        cycle_id=moment.cycle_id,
        initiative_id=moment.initiative_id,
        kind=CycleKind(moment.kind),
        status=CycleStatus(moment.status),
        turn=moment.turn,
        pillar=moment.pillar,
        startup=moment.startup,
        org_scope=moment.org_scope,
        org_unit=moment.org_unit,
        hours_saved_per_year=moment.hours_saved_per_year,
        yen_per_year=moment.yen_per_year if moment.measured_at else None,
        realised_at=moment.measured_at,
        verdict=moment.verdict,
        parents=tuple(parent for parent, _ in above),
        again=tuple(parent for parent, kind in above if kind.same_scope),
    )
