"""The rule of `engine.domain.access.reading` as a condition on `cycle`: what a list must hold, no more and no less.

A property test holds the two equal. Most cycles are everybody's, so the first term decides most rows; the others
are few and stand in indexes.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FunctionElement, String, and_, exists, false, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session, col, select

from engine.domain.access.reading import Circle, Clearance, open_key
from engine.store.tables import CycleReaderRow, CycleRow


@lru_cache(maxsize=1024)
def readable(clearance: Clearance) -> ColumnElement[bool]:
    """The condition under which somebody may read a row of `cycle`.

    Made once for each reader as they are today: to make it costs more than to ask it (`bench.reading`).
    """
    if clearance.everything:
        return true()
    circle, owner, unit = col(CycleRow.circle), col(CycleRow.owner), col(CycleRow.org_unit)
    terms = [_among(circle, clearance.open_circles), owner == clearance.person]
    if clearance.line:
        if not clearance.heads_all:
            in_line = or_(owner.in_(sorted(clearance.below)), unit.in_(sorted(clearance.line)))
            terms.append(and_(circle != Circle.RESTRICTED, in_line))
        led = or_(owner.in_(sorted(clearance.led)), _among(unit, clearance.leads))
        terms.append(and_(circle == Circle.RESTRICTED, led))
    terms.append(col(CycleRow.id).in_(select(CycleReaderRow.cycle_id).where(_names(clearance))))
    return or_(*terms)


def _names(clearance: Clearance) -> ColumnElement[bool]:
    """The condition that a row of `cycle_reader` names them, or a post at which they may decide its owner's work."""
    key, mine = _Bytewise(col(CycleReaderRow.key)), clearance.decides
    named = key.in_(sorted(clearance.keys | {open_key(post, owner) for post, owner in mine.for_some}))
    others = sorted(open_key(post, owner) for post in mine.posts for owner in mine.not_for(post) - {clearance.person})
    anybodys = or_(false(), *(_begins(key, open_key(post, "")) for post in sorted(mine.posts)))
    return or_(named, and_(anybodys, key.not_in(others)) if others else anybodys)


def _begins(key: ColumnElement[str], start: str) -> ColumnElement[bool]:
    return and_(key >= start, key < start[:-1] + chr(ord(start[-1]) + 1))


def _among(column: Mapped[str], values: Iterable[str]) -> ColumnElement[bool]:
    """That it is one of these; mostly there is just one, and to compare with it costs less."""
    return column.in_(found) if len(found := sorted(values)) > 1 else column == found[0]


def is_readable(clearance: Clearance, cycle: Any) -> ColumnElement[bool]:
    """The condition that the cycle a column names may be read: looked up row by row, not from a list of them all."""
    return exists().where(col(CycleRow.id) == cycle, readable(clearance)).correlate_except(CycleRow)


def readable_ids(session: Session, clearance: Clearance, cycles: Iterable[str]) -> frozenset[str]:
    """Those of a few cycles that somebody may read."""
    wanted = sorted(set(cycles))
    if not wanted:
        return frozenset()
    query = select(CycleRow.id).where(col(CycleRow.id).in_(wanted), readable(clearance))
    return frozenset(session.exec(query).all())


class _Bytewise(FunctionElement[str]):
    """Text compared byte by byte, as SQLite does by itself: what begins alike is one range then.

    PostgreSQL compares in the order of its database's language, where `open;` may stand before `open:a`.
    """

    type = String()
    inherit_cache = True


@compiles(_Bytewise)
def _as_it_is(element: _Bytewise, compiler: SQLCompiler, **given: Any) -> str:
    return compiler.process(element.clauses, **given)


@compiles(_Bytewise, "postgresql")
def _in_no_language(element: _Bytewise, compiler: SQLCompiler, **given: Any) -> str:
    return f'({compiler.process(element.clauses, **given)} COLLATE "C")'
