"""Reads what dashboards are made of, and has `engine.domain.figures` count it.

Where every cycle stands now is kept in memory and brought up to date from the journal's end, so that a dashboard
costs about as much as what has happened since the last one; a past date is read from `cycle_history`.
"""

from collections.abc import Sequence
from threading import Lock

from sqlalchemy import ColumnElement, Engine, Integer, cast, func, select
from sqlmodel import Session, col

from engine.domain.account import AccountEntry, Booking, EffectSum, book, summed
from engine.domain.approvals import Action
from engine.domain.figures.quality import LISTED, WORSE, QualityFigures, quality_figures, spend_of
from engine.domain.figures.spread import SpreadFigures, Stories, spread_figures, story, story_candidates
from engine.domain.figures.summary import Passing, Summary, summary
from engine.domain.figures.waiting import Pace, WaitingFigures, Ways, pace_of, waiting_figures
from engine.domain.figures.wanted import Wanted, chosen
from engine.domain.history import Moment
from engine.domain.lineage import EdgeKind
from engine.domain.organisation import Organisation
from engine.domain.state import CycleState
from engine.domain.steps import CycleKind, CycleStatus
from engine.store import history
from engine.store.database import reading
from engine.store.history import ACTS, HISTORY
from engine.store.kept import Kept
from engine.store.tables import CycleParentRow, CycleRow, JournalRow

MANY = 500
"""Changed cycles above which everything is read again at once."""
DATES = 4
"""Dates whose cycles and bookings are kept at most."""


class Present:
    """Where every cycle stands now, kept between questions."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._position = -1
        self._moments: dict[str, Moment] = {}

    def moments(self, session: Session) -> Sequence[Moment]:
        """Every cycle as the session's moment has it."""
        position = _position(session)
        with self._lock:
            if position != self._position:
                self._catch_up(session, position)
            return tuple(self._moments.values())

    def _catch_up(self, session: Session, position: int) -> None:
        changed: list[str] | None = None
        if 0 <= self._position < position:
            moved = select(col(JournalRow.cycle_id)).where(col(JournalRow.position) > self._position).distinct()
            changed = list(session.scalars(moved.limit(MANY + 1)))
        if changed is None or len(changed) > MANY:
            self._moments = {}
            changed = None
        for moment in history.moments(session, None, changed):
            self._moments[moment.cycle_id] = moment
        self._position = position


class Figures:
    """Answers the questions of a dashboard."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._present = Present()
        self._past: Kept[Sequence[Moment]] = Kept(DATES)
        self._booked: Kept[Sequence[Booking]] = Kept(DATES)

    def summary(self, wanted: Wanted) -> Summary:
        """The first page."""
        with reading(self._engine) as session:
            every = self._moments(session, wanted)
            found, brought = chosen(every, wanted), self._brought(session, every, wanted)
            return summary(found, _expanded(session, wanted), _passing(session, wanted), brought, wanted)

    def moments(self, wanted: Wanted) -> Sequence[Moment]:
        """Where the cycles that are meant stand."""
        with reading(self._engine) as session:
            return chosen(self._moments(session, wanted), wanted)

    def bookings(self, wanted: Wanted) -> tuple[Booking, ...]:
        """What the cycles that are meant added, as of the day of the question, in the account of the whole city."""
        with reading(self._engine) as session:
            return self._counted(session, self._moments(session, wanted), wanted)

    def expanded(self, wanted: Wanted) -> frozenset[str]:
        """The cycles out of which a larger one had grown by then."""
        with reading(self._engine) as session:
            return _expanded(session, wanted)

    def waiting(self, wanted: Wanted, organisation: Organisation) -> WaitingFigures:
        """Who waits for whom, and how long."""
        with reading(self._engine) as session:
            found = chosen(self._moments(session, wanted), wanted)
            return waiting_figures(found, _pace(session, wanted), _ways(session, wanted), organisation, wanted)

    def quality(self, wanted: Wanted) -> QualityFigures:
        """How good the work is."""
        with reading(self._engine) as session:
            every = self._moments(session, wanted)
            found = chosen(every, wanted)
            brought = self._brought(session, every, wanted)
            spend = spend_of(found, brought.hours_saved_per_year, brought.yen_per_year, brought.measured)
            meant = {one.cycle_id for one in found}
            returned = history.acts(session, wanted.since, wanted.at, ("return",))
            below = [one for one in found if one.verdict in WORSE]
            below.sort(key=lambda one: (one.measured_at or one.since, one.cycle_id), reverse=True)
            return quality_figures(
                found,
                _passing(session, wanted),
                [one for one in returned if one.cycle_id in meant],
                [one for one in history.bonds(session, wanted.at) if one.cycle_id in meant],
                _states(session, [one.cycle_id for one in below[:LISTED]]),
                spend,
                wanted,
            )

    def spread(self, wanted: Wanted, organisation: Organisation) -> SpreadFigures:
        """How far the spiral has spread."""
        with reading(self._engine) as session:
            return spread_figures(chosen(self._moments(session, wanted), wanted), organisation, wanted)

    def stories(self, wanted: Wanted) -> Stories:
        """What to tell citizens."""
        with reading(self._engine) as session:
            told = story_candidates(chosen(self._moments(session, wanted), wanted))
            scores = {one.cycle_id: one.citizen_score for one in told}
            states = _states(session, list(scores))
            return Stories(items=tuple(story(state, scores[state.cycle_id]) for state in states))

    def _brought(self, session: Session, every: Sequence[Moment], wanted: Wanted) -> EffectSum:
        """The sum of what the cycles that are meant added, in the account of the whole city."""
        return summed(self._counted(session, every, wanted))

    def _counted(self, session: Session, every: Sequence[Moment], wanted: Wanted) -> tuple[Booking, ...]:
        at, position = None if wanted.is_now else wanted.at, _position(session)
        bookings = self._booked.get(position, at)
        if bookings is None:
            bookings = _bookings(session, every)
            self._booked.keep(position, at, bookings)
        moments = {one.cycle_id: one for one in every}
        return tuple(one for one in bookings if _counts(one, moments[one.entry.cycle_id], wanted))

    def _moments(self, session: Session, wanted: Wanted) -> Sequence[Moment]:
        if wanted.is_now:
            return self._present.moments(session)
        position = _position(session)
        found = self._past.get(position, wanted.at)
        if found is None:
            found = history.moments(session, wanted.at)
            self._past.keep(position, wanted.at, found)
        return found


def _position(session: Session) -> int:
    return session.scalar(select(func.max(JournalRow.position))) or 0


def _bookings(session: Session, every: Sequence[Moment]) -> Sequence[Booking]:
    """What each of these cycles added."""
    there = {one.cycle_id for one in every}
    above: dict[str, list[str]] = {}
    again: dict[str, list[str]] = {}
    for child, parent, kind in session.execute(_EDGES):
        if child in there:
            above.setdefault(child, []).append(parent)
            if EdgeKind(kind).same_scope:
                again.setdefault(child, []).append(parent)
    return book(_entry(one, above.get(one.cycle_id, ()), again.get(one.cycle_id, ())) for one in every)


def _expanded(session: Session, wanted: Wanted) -> frozenset[str]:
    """The cycles out of which a larger one had grown by then."""
    grown = (
        select(col(CycleParentRow.parent_id))
        .join(CycleRow, col(CycleRow.id) == col(CycleParentRow.cycle_id))
        .where(col(CycleRow.kind) == "expand", col(CycleRow.created_at) <= wanted.at)
        .distinct()
    )
    return frozenset(session.scalars(grown))


def _passing(session: Session, wanted: Wanted) -> Passing:
    """How the reviews of the period ended."""
    first = func.sum(cast(func.coalesce(ACTS.c.first, False), Integer))
    query = select(ACTS.c.kind, func.count(), first).where(*acts_meant(wanted)).group_by(ACTS.c.kind)
    found = {kind: (count, firsts) for kind, count, firsts in session.execute(query)}
    passed, firsts = found.get("pass", (0, 0))
    return Passing(
        passed=passed,
        first=firsts or 0,
        returned=found.get("return", (0, 0))[0],
        rejected=found.get("reject", (0, 0))[0],
    )


def acts_meant(wanted: Wanted) -> list[ColumnElement[bool]]:
    """The acts of the period on the cycles that are meant."""
    found = [ACTS.c.at <= wanted.at]
    if wanted.since is not None:
        found.append(ACTS.c.at >= wanted.since)
    if wanted.narrows:
        found.append(ACTS.c.cycle_id.in_(select(HISTORY.c.cycle_id).where(*_meant(wanted))))
    return found


def _meant(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [history.holding(None if wanted.is_now else wanted.at)]
    if wanted.pillar is not None:
        found.append(HISTORY.c.pillar == wanted.pillar)
    if wanted.startups is not None:
        found.append(HISTORY.c.startup.in_(wanted.startups))
    if wanted.org_units is not None:
        found.append(HISTORY.c.org_unit.in_(wanted.org_units))
    return found


_EDGES = select(col(CycleParentRow.cycle_id), col(CycleParentRow.parent_id), col(CycleParentRow.kind))
_DECISIONS = [action.value for action in Action]


def _counts(booking: Booking, moment: Moment, wanted: Wanted) -> bool:
    """A measurement counts in the year in which it was approved; what is not measured yet, while it is open."""
    if not wanted.takes(moment):
        return False
    at = booking.entry.realised_at
    return wanted.since is None or at is None or at >= wanted.since


def _entry(moment: Moment, parents: Sequence[str], again: Sequence[str]) -> AccountEntry:
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
        parents=tuple(parents),
        again=tuple(again),
    )


def _pace(session: Session, wanted: Wanted) -> tuple[Pace, ...]:
    """The median of each post, found by the database: the middle one of its waits, or the two middle ones."""
    decided = (ACTS.c.kind.in_(_DECISIONS), ACTS.c.post.is_not(None), ACTS.c.waited_seconds.is_not(None))
    ranked = (
        select(
            ACTS.c.post,
            ACTS.c.waited_seconds,
            func.row_number().over(partition_by=ACTS.c.post, order_by=ACTS.c.waited_seconds).label("rank"),
            func.count().over(partition_by=ACTS.c.post).label("size"),
        )
        .where(*acts_meant(wanted), *decided)
        .subquery()
    )
    middle = (ranked.c.rank * 2).between(ranked.c.size, ranked.c.size + 2)
    query = select(ranked.c.post, ranked.c.size, func.avg(ranked.c.waited_seconds)).where(middle)
    rows = session.execute(query.group_by(ranked.c.post, ranked.c.size))
    return pace_of({post: (size, float(seconds)) for post, size, seconds in rows})


def _ways(session: Session, wanted: Wanted) -> Ways:
    query = select(ACTS.c.why, func.count()).where(*acts_meant(wanted), ACTS.c.kind.in_(_DECISIONS))
    return Ways.model_validate({why: count for why, count in session.execute(query.group_by(ACTS.c.why)) if why})


def _states(session: Session, cycles: Sequence[str]) -> list[CycleState]:
    """A few whole states, in the order asked for."""
    rows = session.execute(select(col(CycleRow.id), col(CycleRow.state)).where(col(CycleRow.id).in_(cycles)))
    found: dict[str, str] = {row[0]: row[1] for row in rows}
    return [CycleState.model_validate_json(found[name]) for name in cycles if name in found]
