"""Holds the rows of the projections against those that the record amounts to, many cycles or streams at a time.

One question for each table and range of names, instead of one for each cycle: at ten thousand cycles the questions
are what takes the time. Must not know where the expected rows come from.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Column, Select, Table, exists, select
from sqlmodel import Session

from engine.domain.cycle.state import CycleState
from engine.store.projections import search_index as search
from engine.store.projections.all_rows import TABLES, Rows, key_of, texts_of
from engine.store.projections.cycles import CYCLES
from engine.store.record.damage import DamageFault

Row = tuple[Any, ...]
READ_AT_ONCE = 1000
"""Names that are read at once where there may be many."""
_UNREADABLE: list[Row] = [()]
"""What stands for rows in which something is no value of its column, as SQLite allows; no row is like it."""


def compare(session: Session, folded: Sequence[tuple[CycleState, Rows]]) -> Iterator[DamageFault]:
    """What the projections say differently about these cycles.

    Args:
        session: of the database that is checked.
        folded: each cycle's state with the rows that should be there, in order of their ids.
    """
    if not folded:
        return
    names = [state.cycle_id for state, _ in folded]
    held = {table: held_by_name(session, table, key_of(table), names) for table in TABLES}
    texts = texts_of([state for state, _ in folded])
    indexed = search.indexed(session, texts)
    for state, rows in folded:
        cycle_id = state.cycle_id
        mine = held[CYCLES].get(cycle_id)
        if not mine:
            yield DamageFault(code="cycle_not_projected", cycle_id=cycle_id)
            continue
        for name in _columns(mine[0], rows[CYCLES][0], state):
            yield DamageFault(code="projection_differs", cycle_id=cycle_id, where=f"cycle.{name}")
        for table in TABLES[1:]:
            if not same(held[table].get(cycle_id, []), plain(table, rows[table])):
                yield DamageFault(code="projection_differs", cycle_id=cycle_id, where=table.name)
        if cycle_id in texts and cycle_id not in indexed:
            yield DamageFault(code="projection_differs", cycle_id=cycle_id, where="case_search")


def held_by_name(session: Session, table: Table, key: Column[str], names: Sequence[str]) -> dict[str, list[Row]]:
    """The rows of a table by what stands in its column `key`: of all names from the first to the last."""
    place = list(table.columns).index(key)
    try:
        found: dict[str, list[Row]] = {}
        for row in session.connection().execute(select(table).where(key.between(names[0], names[-1]))):
            found.setdefault(row[place], []).append(tuple(row))
    except (ValueError, TypeError):  # somewhere in the range: asked for one by one, only whose it is is named
        return {name: _held(session, select(table).where(key == name)) for name in names}
    return found


def strays(session: Session, key: Column[str], known: Column[str]) -> Iterator[str]:
    """The names in the column `key` that never stand in `known`; the database looks, so no list is held of all."""
    asks = select(key).where(~exists().where(known == key)).distinct().order_by(key)
    for (name,) in session.connection().execute(asks, execution_options={"yield_per": READ_AT_ONCE}):
        yield str(name)


def plain(table: Table, rows: Sequence[dict[str, Any]]) -> list[Row]:
    """Rows as the database would give them."""
    names = [column.name for column in table.columns]
    return [tuple([row[name] for name in names]) for row in rows]


def same(held: Sequence[Row], wanted: Sequence[Row]) -> bool:
    """Whether both are the same rows: no table promises an order."""
    return held == wanted or (len(held) == len(wanted) and Counter(held) == Counter(wanted))


def _held(session: Session, asks: Select[Any]) -> list[Row]:
    try:
        return [tuple(row) for row in session.connection().execute(asks)]
    except (ValueError, TypeError):
        return _UNREADABLE


def _columns(held: Row, wanted: dict[str, Any], state: CycleState) -> Iterator[str]:
    """The columns of a cycle's own row that differ; a state may be spelled otherwise and say the same."""
    if held == ():
        yield "*"
        return
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
