"""Reads the account of effects and the edges of the spiral: columns only, never a cycle's whole state."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Engine, or_
from sqlmodel import Session, col, select

from engine.domain.effects.account import AccountEntry, Booking, book
from engine.domain.lineage.edges import OPENING, Edge, EdgeKind
from engine.domain.steps import CycleKind, CycleStatus
from engine.store.database import reading
from engine.store.tables import CycleParentRow, CycleRow

_Row = Any  # one row of `_COLUMNS`; SQLAlchemy types no more than four columns
MANY = 400
"""Ids asked about at once: both databases limit how many a query may name."""
LARGEST = 2000
"""Cycles of connected spirals that are followed at most, so that one question stays one question."""

_COLUMNS = (
    CycleRow.id, CycleRow.initiative_id, CycleRow.kind, CycleRow.status, CycleRow.turn, CycleRow.pillar,
    CycleRow.startup, CycleRow.org_scope, CycleRow.org_unit, CycleRow.hours_saved_per_year, CycleRow.yen_per_year,
    CycleRow.hourly_rate_yen, CycleRow.realised_at, CycleRow.verdict, CycleRow.adopted_from,
)  # fmt: skip


class Connected(BaseModel):
    """Spirals that hang together by joins and copies; `complete` is false when there are more than are followed."""

    model_config = ConfigDict(frozen=True)

    cycles: frozenset[str]
    edges: tuple[Edge, ...]
    complete: bool


class AccountReader:
    """Reads what effects add up from."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def bookings(self, utc_offset_minutes: int = 540) -> tuple[Booking, ...]:
        """The whole city's account, in the order of measuring."""
        with reading(self._engine) as session:
            return book(entries_of(session, None), utc_offset_minutes)

    def bookings_of(self, initiatives: Iterable[str], utc_offset_minutes: int = 540) -> dict[str, Booking]:
        """The account of some spirals and of everything they contain, by cycle."""
        with reading(self._engine) as session:
            cycles = set(_cycles_of(session, initiatives))
            inside = _followed(session, cycles, copies=False, limit=None).cycles
            entries = _entries(_rows(session, inside), _parent_rows(session, inside))
        return {one.entry.cycle_id: one for one in book(entries, utc_offset_minutes)}

    def connected(self, initiative: str) -> Connected:
        """A spiral with every other one that it is joined to or copied from, whole."""
        with reading(self._engine) as session:
            known: set[str] = set()
            found = Connected(cycles=frozenset(_cycles_of(session, [initiative])), edges=(), complete=True)
            while found.complete and found.cycles - known:
                known = set(found.cycles)
                initiatives = {row.initiative_id for row in _rows(session, known)}
                found = _followed(session, set(_cycles_of(session, initiatives)), copies=True)
            return found


def entries_of(session: Session, cycles: Iterable[str] | None) -> list[AccountEntry]:
    """Some cycles as the account sees them; None means all."""
    if cycles is not None:
        wanted = set(cycles)
        return _entries(_rows(session, wanted), _parent_rows(session, wanted))
    rows = session.exec(select(*_COLUMNS)).all()  # type: ignore[call-overload]
    return _entries(rows, session.exec(select(CycleParentRow)).all())


def _followed(session: Session, start: set[str], *, copies: bool, limit: int | None = LARGEST) -> Connected:
    """Everything that hangs together with `start`; sums follow it without a limit, or they would be wrong."""
    known, fresh = set(start), set(start)
    edges: set[Edge] = set()
    while fresh and (limit is None or len(known) < limit):
        near = [_edge(row) for row in _parent_rows(session, fresh, either=True)]
        if copies:
            near += _copies(session, fresh)
        edges.update(near)
        fresh = {name for one in near for name in (one.parent, one.child)} - known
        known |= fresh
    ordered = sorted(edges, key=lambda one: (one.child, one.seq, one.parent))
    return Connected(cycles=frozenset(known), edges=tuple(ordered), complete=not fresh)


def _entries(rows: Iterable[_Row], parents: Iterable[CycleParentRow]) -> list[AccountEntry]:
    above: dict[str, list[CycleParentRow]] = {}
    for one in parents:
        above.setdefault(one.cycle_id, []).append(one)
    return [_entry(row, above.get(row.id, ())) for row in rows]


def _entry(row: _Row, parents: Sequence[CycleParentRow]) -> AccountEntry:
    at: datetime | None = row.realised_at
    return AccountEntry.model_construct(
        cycle_id=row.id,
        initiative_id=row.initiative_id,
        kind=CycleKind(row.kind),
        status=CycleStatus(row.status),
        turn=row.turn,
        pillar=row.pillar,
        startup=row.startup,
        org_scope=row.org_scope,
        org_unit=row.org_unit,
        hours_saved_per_year=row.hours_saved_per_year,
        yen_per_year=row.yen_per_year,
        hourly_rate_yen=row.hourly_rate_yen,
        realised_at=at,
        verdict=row.verdict,
        adopted_from=row.adopted_from,
        parents=tuple(one.parent_id for one in parents),
        again=tuple(one.parent_id for one in parents if EdgeKind(one.kind).same_scope),
    )


def _rows(session: Session, cycles: Iterable[str]) -> list[_Row]:
    return [
        row
        for some in _batches(cycles)
        for row in session.exec(select(*_COLUMNS).where(col(CycleRow.id).in_(some))).all()  # type: ignore[call-overload]
    ]


def _cycles_of(session: Session, initiatives: Iterable[str]) -> list[str]:
    return [
        name
        for some in _batches(initiatives)
        for name in session.exec(select(CycleRow.id).where(col(CycleRow.initiative_id).in_(some))).all()
    ]


def _parent_rows(session: Session, cycles: Iterable[str], *, either: bool = False) -> list[CycleParentRow]:
    """The edges into these cycles; with `either` also those out of them."""
    found: list[CycleParentRow] = []
    for some in _batches(cycles):
        wanted: ColumnElement[bool] = col(CycleParentRow.cycle_id).in_(some)
        if either:
            wanted = or_(wanted, col(CycleParentRow.parent_id).in_(some))
        found += session.exec(select(CycleParentRow).where(wanted)).all()
    return found


def _copies(session: Session, cycles: Iterable[str]) -> list[Edge]:
    """The sideways copies of these cycles, and what these cycles were copied from."""
    found: list[Edge] = []
    for some in _batches(cycles):
        query = select(CycleRow.id, CycleRow.adopted_from).where(
            col(CycleRow.adopted_from).is_not(None),
            or_(col(CycleRow.adopted_from).in_(some), col(CycleRow.id).in_(some)),
        )
        found += [
            Edge(parent=origin, child=name, kind=EdgeKind.ADOPT, seq=OPENING)
            for name, origin in session.exec(query).all()
            if origin is not None
        ]
    return found


def _edge(row: CycleParentRow) -> Edge:
    return Edge(parent=row.parent_id, child=row.cycle_id, kind=EdgeKind(row.kind), seq=row.seq)


def _batches(names: Iterable[str]) -> Iterable[list[str]]:
    ordered = sorted(names)
    return (ordered[start : start + MANY] for start in range(0, len(ordered), MANY))
