"""Checks the record against itself, and makes the projections anew. Knows nothing of the engine."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import groupby
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Engine, Table
from sqlalchemy import select as choose
from sqlmodel import Session, SQLModel, func, select

from engine.domain.cycle.events import Event
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.walk import Passage, walk
from engine.store.database import reading, writing
from engine.store.directory import blobs
from engine.store.hash_chain import Link, break_in, lock
from engine.store.projections import cycles as projections
from engine.store.projections import history, library
from engine.store.projections.all_rows import Rows, rows_of, texts_of, write
from engine.store.record import verify_ledger as ledger_check
from engine.store.record.compare_rows import Fault, compare
from engine.store.tables import (
    AttachmentRow,
    CycleParentRow,
    CycleRow,
    DecisionRow,
    JournalRow,
    LedgerRow,
    ReadingRow,
    WaitingRow,
)

BATCH = 1000
"""Journal rows read at once, so that memory does not grow with the journal."""
JOURNAL: Table = SQLModel.metadata.tables["journal"]
Progress = Callable[[int], None]


class Report(BaseModel):
    """What was checked, and what was wrong with it."""

    model_config = ConfigDict(frozen=True)

    cycles: int
    events: int
    facts: int = 0
    open_cycles: tuple[str, ...]
    faults: tuple[Fault, ...]


def events_in(engine: Engine) -> int:
    """How many events and facts journal and ledger hold."""
    with reading(engine) as session:
        return sum(session.exec(select(func.count()).select_from(table)).one() for table in (JournalRow, LedgerRow))


def verify(engine: Engine, progress: Progress = lambda _: None) -> Report:
    """Recomputes every chain, folds every cycle and stream, and compares every projection with what comes out.

    `progress` is told how many events were looked at since the last time.
    """
    faults: list[Fault] = []
    cycles: dict[str, bool] = {}
    events = 0
    with reading(engine) as session:
        for batch in _batches(session):
            folded: list[tuple[CycleState, Rows]] = []
            for cycle_id, rows in batch:
                events += len(rows)
                read = _events(rows)
                found = _chain_faults(cycle_id, rows, read)
                passages = () if found else _walked(read)
                if not passages:
                    faults += found or [Fault(code="events_do_not_fold", cycle_id=cycle_id)]
                    cycles[cycle_id] = False
                    continue
                folded.append((passages[-1].after, rows_of(passages)))
                cycles[cycle_id] = passages[-1].after.status.is_open
            faults += compare(session, folded)
            progress(sum(len(rows) for _, rows in batch))
        faults += _orphans(session, cycles)
        faults += [Fault(code=code, cycle_id=cycle, where=where) for code, cycle, where in blobs.faults(session)]
        faults += [
            Fault(code="no_event_explains_it", cycle_id=name, where=table) for name, table in library.strays(session)
        ]
        faults += [Fault(code=code, cycle_id=stream, where=at) for code, stream, at in ledger_check.faults(session)]
        facts = session.exec(select(func.count()).select_from(LedgerRow)).one()
    progress(facts)
    open_cycles = tuple(sorted(cycle_id for cycle_id, is_open in cycles.items() if is_open))
    return Report(cycles=len(cycles), events=events, facts=facts, open_cycles=open_cycles, faults=tuple(faults))


class DamagedError(Exception):
    """A cycle or stream whose rows cannot be read or applied, so that nothing can be made from them."""


def rebuild(engine: Engine, progress: Progress = lambda _: None) -> int:
    """Empties every projection and makes it from the journal, in one transaction.

    Returns:
        How many cycles there are.

    Raises:
        DamagedError: a cycle's or stream's rows do not go together; nothing was changed.
    """
    count = 0
    with writing(engine) as session:
        lock(session)
        projections.empty(session)
        library.empty(session)
        for batch in _batches(session):
            made: Rows = {}
            states: list[CycleState] = []
            for cycle_id, rows in batch:
                if (broken := break_in(rows)) is not None:
                    raise DamagedError(f"{cycle_id}: {broken[0]} (seq {broken[1]})")
                events = _events(rows)
                passages = _walked(events) if len(events) == len(rows) else ()
                if not passages:
                    raise DamagedError(f"{cycle_id}: events_do_not_fold (seq {len(events)})")
                for table, its in rows_of(passages).items():
                    made.setdefault(table, []).extend(its)
                states.append(passages[-1].after)
            write(session, made, texts_of(states))
            count += len(batch)
            progress(sum(len(rows) for _, rows in batch))
        for stream, facts in ledger_check.by_stream(session):
            if (broken := break_in(facts)) is not None:
                raise DamagedError(f"{stream}: {broken[0]} (seq {broken[1]})")
        ledger_check.rebuild(session)
    return count


def _batches(session: Session) -> Iterator[list[tuple[str, list[Link]]]]:
    """Every cycle with its rows, in order of their ids, some at a time.

    Plain rows, no objects of the session: whoever goes through them may empty it.
    """
    ordered = choose(JOURNAL).order_by(JOURNAL.c.cycle_id, JOURNAL.c.seq)
    rows = session.connection().execute(ordered, execution_options={"yield_per": BATCH})
    batch: list[tuple[str, list[Link]]] = []
    for cycle_id, group in groupby(rows, key=lambda row: row.cycle_id):
        batch.append((cycle_id, list(group)))
        if sum(len(its) for _, its in batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _events(rows: list[Link]) -> tuple[Event, ...]:
    """What stands in the rows, up to the first that is no event."""
    found: list[Event] = []
    with suppress(ValidationError):
        for row in rows:
            found.append(Event.model_validate_json(row.content))  # noqa: PERF401 - what was read before a fault stays
    return tuple(found)


def _chain_faults(cycle_id: str, rows: list[Link], events: tuple[Event, ...]) -> list[Fault]:
    broken = break_in(rows)
    if broken is not None:
        return [Fault(code=broken[0], cycle_id=cycle_id, where=f"seq {broken[1]}")]
    differing = (row.seq for row, event in zip(rows, events, strict=False) if not _columns_agree(row, event))
    first = next(differing, rows[len(events)].seq if len(events) < len(rows) else None)
    return [] if first is None else [Fault(code="columns_differ", cycle_id=cycle_id, where=f"seq {first}")]


def _columns_agree(row: Any, event: Event) -> bool:
    """Whether the columns say what the hashed content says."""
    told = (row.seq, row.at, row.actor, row.on_behalf_of, row.type, row.command_id)
    return bool(told == (event.seq, event.at, event.actor, event.on_behalf_of, event.data.type, event.command_id))


def _walked(events: tuple[Event, ...]) -> tuple[Passage, ...]:
    """The way through all of a cycle's events; none when they do not fold."""
    try:
        return walk(None, events)
    except (ValueError, StopIteration):
        return ()


def _orphans(session: Session, cycles: dict[str, bool]) -> Iterator[Fault]:
    """Rows that no event explains."""
    for table, column in (
        (CycleRow, CycleRow.id), (CycleParentRow, CycleParentRow.cycle_id), (WaitingRow, WaitingRow.cycle_id),
        (DecisionRow, DecisionRow.cycle_id), (AttachmentRow, AttachmentRow.cycle_id),
        (ReadingRow, ReadingRow.cycle_id),
    ):  # fmt: skip
        for cycle_id in session.exec(select(column).distinct()).all():
            if cycle_id not in cycles:
                yield Fault(code="no_event_explains_it", cycle_id=cycle_id, where=str(table.__tablename__))
    for name, cycle_id in sorted(history.cycles_with_past(session)):
        if cycle_id not in cycles:
            yield Fault(code="no_event_explains_it", cycle_id=cycle_id, where=name)
