"""Holds the rows of the projections against those that the journal amounts to, many cycles at a time.

One question for each table and range of cycles, instead of one for each cycle: at ten thousand cycles the questions
are what takes the time. Must not know where the expected rows come from.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Table, select
from sqlmodel import Session

from engine.domain.cycle.state import CycleState
from engine.store.projections import search_index as search
from engine.store.projections.all_rows import TABLES, Rows, key_of, texts_of
from engine.store.projections.cycles import CYCLES


class Fault(BaseModel):
    """One place where the record contradicts itself."""

    model_config = ConfigDict(frozen=True)

    code: str
    cycle_id: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.code}{f' ({self.where})' if self.where else ''}"


Row = tuple[Any, ...]


def compare(session: Session, folded: Sequence[tuple[CycleState, Rows]]) -> Iterator[Fault]:
    """What the projections say differently about these cycles.

    Args:
        session: of the database that is checked.
        folded: each cycle's state with the rows that should be there, in order of their ids.
    """
    if not folded:
        return
    names = [state.cycle_id for state, _ in folded]
    held = {table: _held(session, table, names) for table in TABLES}
    texts = texts_of([state for state, _ in folded])
    indexed = search.indexed(session, texts)
    for state, rows in folded:
        cycle_id = state.cycle_id
        mine = held[CYCLES].get(cycle_id)
        if not mine:
            yield Fault(code="cycle_not_projected", cycle_id=cycle_id)
            continue
        for name in _columns(mine[0], rows[CYCLES][0], state):
            yield Fault(code="projection_differs", cycle_id=cycle_id, where=f"cycle.{name}")
        for table in TABLES[1:]:
            if _sorted(table, held[table].get(cycle_id, ())) != _sorted(table, _plain(table, rows[table])):
                yield Fault(code="projection_differs", cycle_id=cycle_id, where=table.name)
        if cycle_id in texts and cycle_id not in indexed:
            yield Fault(code="projection_differs", cycle_id=cycle_id, where="case_search")


def _held(session: Session, table: Table, names: Sequence[str]) -> dict[str, list[Row]]:
    """The rows of a table by cycle: of all cycles from the first name to the last."""
    key = key_of(table)
    asks = select(table).where(key.between(names[0], names[-1]))
    place = list(table.columns).index(key)
    found: dict[str, list[Row]] = {}
    for row in session.connection().execute(asks):
        found.setdefault(row[place], []).append(tuple(row))
    return found


def _columns(held: Row, wanted: dict[str, Any], state: CycleState) -> Iterator[str]:
    """The columns of a cycle's own row that differ; a state may be spelled otherwise and say the same."""
    for column, value in zip(CYCLES.columns, held, strict=True):
        if value == wanted[column.name]:
            continue
        if column is CYCLES.c.state and _read(value) == state:
            continue
        yield column.name


def _read(state: str) -> CycleState | None:
    try:
        return CycleState.model_validate_json(state)
    except ValidationError:
        return None


def _plain(table: Table, rows: Sequence[dict[str, Any]]) -> list[Row]:
    return [tuple(row[column.name] for column in table.columns) for row in rows]


def _sorted(table: Table, rows: Sequence[Row]) -> list[Row]:
    """In order of the primary key: no table promises an order."""
    if len(rows) < 2:
        return list(rows)
    places = [index for index, column in enumerate(table.columns) if column.primary_key]
    return sorted(rows, key=lambda row: [row[place] for place in places])
