"""Reads the acts of a period, counted by the database where it can; see `engine.domain.analytics.tallies.Deeds`."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Integer, cast, func, or_, select
from sqlmodel import Session

from engine.domain.analytics.acts import Act
from engine.domain.analytics.query import FiguresWanted
from engine.domain.analytics.tallies import DECISIONS, Deeds
from engine.store.projections import history
from engine.store.projections.history import ACTS, HISTORY


def counted(session: Session, wanted: FiguresWanted) -> Deeds:
    """The acts of the period on the cycles that are meant."""
    deeds, meant = Deeds(), _meant(wanted)
    first = func.sum(cast(func.coalesce(ACTS.c.first, False), Integer))
    kinds = select(ACTS.c.kind, ACTS.c.why, func.count(), first).where(*meant).group_by(ACTS.c.kind, ACTS.c.why)
    for kind, why, count, firsts in session.execute(kinds):
        deeds.count(kind, why, count, firsts or 0)
    decided = (ACTS.c.kind.in_(DECISIONS), ACTS.c.post.is_not(None), ACTS.c.waited_seconds.is_not(None))
    waits = session.execute(select(ACTS.c.post, ACTS.c.waited_seconds).where(*meant, *decided))
    deeds.add_waits((post, seconds) for post, seconds in waits)
    returns = select(*(ACTS.c[name] for name in Act._fields)).where(*meant, ACTS.c.kind == "return")
    for row in session.execute(returns):
        deeds.add_return(Act._make(row))
    return deeds


def new(session: Session, firsts: Mapping[str, int]) -> list[Act]:
    """The acts of some cycles from an event on: for each cycle the number of that event."""
    query = select(*(ACTS.c[name] for name in Act._fields)).where(ACTS.c.cycle_id.in_(list(firsts)))
    found = (Act._make(row) for row in session.execute(query))
    return [one for one in found if one.seq >= firsts[one.cycle_id]]


def _meant(wanted: FiguresWanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]]
    if wanted.is_now:  # now is all there is, whatever its clock said
        found = [ACTS.c.retracted_at.is_(None)]
    else:
        found = [ACTS.c.at <= wanted.at, or_(ACTS.c.retracted_at.is_(None), ACTS.c.retracted_at > wanted.at)]
    if wanted.since is not None:
        found.append(ACTS.c.at >= wanted.since)
    if wanted.narrows:
        found.append(ACTS.c.cycle_id.in_(select(HISTORY.c.cycle_id).where(*_home(wanted))))
    return found


def _home(wanted: FiguresWanted) -> list[ColumnElement[bool]]:
    found = [history.holding(None if wanted.is_now else wanted.at)]
    if wanted.pillar is not None:
        found.append(HISTORY.c.pillar == wanted.pillar)
    if wanted.startups is not None:
        found.append(HISTORY.c.startup.in_(wanted.startups))
    if wanted.org_units is not None:
        found.append(HISTORY.c.org_unit.in_(wanted.org_units))
    return found
