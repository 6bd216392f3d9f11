"""The rule of `engine.domain.access.reading` as a condition on `cycle`: what a list must hold, no more and no less.

A property test holds the two equal. Most cycles are everybody's, so the first term decides most rows; the others
are few and stand in indexes.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, true
from sqlalchemy import select as choose
from sqlmodel import Session, SQLModel, col, select

from engine.domain.access.reading import OPEN_POST, Circle, Clearance, decides_at
from engine.store.tables import CycleReaderRow, CycleRow

_KNOWN = "spiral.readable"
AFTER_OPEN_POST = OPEN_POST.replace(":", ";")
"""The first text that sorts behind every key of an open post."""


def readable(session: Session, clearance: Clearance) -> ColumnElement[bool]:
    """The condition under which somebody may read a row of `cycle`."""
    if clearance.everything:
        return true()
    known: dict[Clearance, ColumnElement[bool]] = session.info.setdefault(_KNOWN, {})
    if clearance not in known:
        known[clearance] = _condition(clearance, tuple(_open_posts(session, clearance)))
    return known[clearance]


@lru_cache(maxsize=1024)
def _condition(clearance: Clearance, open_posts: tuple[str, ...]) -> ColumnElement[bool]:
    """Made once for each reader as they are today: to make it costs more than to ask it (`bench.reading`)."""
    circle, owner, unit = col(CycleRow.circle), col(CycleRow.owner), col(CycleRow.org_unit)
    terms = [circle.in_(sorted(clearance.open_circles)), owner == clearance.person]
    if clearance.line:
        if not clearance.heads_all:
            in_line = or_(owner.in_(sorted(clearance.below)), unit.in_(sorted(clearance.line)))
            terms.append(and_(circle != Circle.RESTRICTED, in_line))
        led = or_(owner.in_(sorted(clearance.led)), unit.in_(sorted(clearance.leads)))
        terms.append(and_(circle == Circle.RESTRICTED, led))
    keys = (*sorted(clearance.keys), *open_posts)
    named = select(CycleReaderRow.cycle_id).where(col(CycleReaderRow.key).in_(keys))
    terms.append(col(CycleRow.id).in_(named))
    return or_(*terms)


def is_readable(session: Session, clearance: Clearance, cycle: Any) -> ColumnElement[bool]:
    """The condition that the cycle a column names may be read: looked up row by row, not from a list of them all."""
    return exists().where(col(CycleRow.id) == cycle, readable(session, clearance)).correlate_except(CycleRow)


def readable_ids(session: Session, clearance: Clearance, cycles: Iterable[str]) -> frozenset[str]:
    """Those of a few cycles that somebody may read."""
    wanted = sorted(set(cycles))
    if not wanted:
        return frozenset()
    query = select(CycleRow.id).where(col(CycleRow.id).in_(wanted), readable(session, clearance))
    return frozenset(session.exec(query).all())


def _open_posts(session: Session, clearance: Clearance) -> list[str]:
    """The keys of open posts at which the person may decide today; asked of the organisation, as the inbox does."""
    keys = session.connection().execute(_OPEN_POSTS).scalars()
    return [one for one in keys if decides_at(clearance, one)]


_READERS = SQLModel.metadata.tables["cycle_reader"]
_OPEN_POSTS = choose(_READERS.c.key).where(_READERS.c.key >= OPEN_POST, _READERS.c.key < AFTER_OPEN_POST).distinct()
"""Made once: what it costs is asking, not looking."""
