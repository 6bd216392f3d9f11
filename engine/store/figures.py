"""Reads what dashboards are made of, and has `engine.domain.figures` count it.

Where every cycle stands now is kept in memory and brought up to date from the journal's end, so that a dashboard
costs about as much as what has happened since the last one; a past date is read from `cycle_history`.
"""

from collections.abc import Sequence
from threading import Lock

from sqlalchemy import ColumnElement, Engine, Integer, cast, func, select
from sqlmodel import Session, col

from engine.domain.figures.summary import Passing, Summary, summary
from engine.domain.figures.wanted import Wanted, chosen
from engine.domain.history import Moment
from engine.store import history
from engine.store.database import reading
from engine.store.history import ACTS, HISTORY
from engine.store.tables import CycleParentRow, CycleRow, JournalRow

MANY = 500
"""Changed cycles above which everything is read again at once."""


class Present:
    """Where every cycle stands now, kept between questions."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._position = -1
        self._moments: dict[str, Moment] = {}

    def moments(self, session: Session) -> Sequence[Moment]:
        """Every cycle as the session's moment has it."""
        position = session.scalar(select(func.max(JournalRow.position))) or 0
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

    def summary(self, wanted: Wanted) -> Summary:
        """The first page."""
        with reading(self._engine) as session:
            found = chosen(self._moments(session, wanted), wanted)
            return summary(found, _expanded(session, wanted), _passing(session, wanted), wanted)

    def _moments(self, session: Session, wanted: Wanted) -> Sequence[Moment]:
        return self._present.moments(session) if wanted.is_now else history.moments(session, wanted.at)


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
