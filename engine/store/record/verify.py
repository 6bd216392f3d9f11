"""Checks the record against itself, and makes the projections anew. Knows nothing of the engine.

Journal and ledger are read once, in order of names and some at a time; each event is read and applied once, and what
comes out is compared or written for many cycles at once. So neither the time for an event nor the memory grows with
the record.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Engine
from sqlmodel import func, select

from engine.domain.cycle.events import Event
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.walk import walk
from engine.store.database import reading, writing
from engine.store.directory import blobs
from engine.store.hash_chain import break_in, lock
from engine.store.projections import cycles as projections
from engine.store.projections import library
from engine.store.projections.all_rows import TABLES, Rows, key_of, rows_of, texts_of, write
from engine.store.record import verify_ledger as ledger_check
from engine.store.record.compare_rows import compare, strays
from engine.store.record.damage import UNFIT, DamagedError, DamageFault
from engine.store.record.journal import JOURNAL
from engine.store.record.read_rows import Chained, Named, batches, instant
from engine.store.record.verify_ledger import LEDGER
from engine.store.tables import JournalRow, LedgerRow

__all__ = ["DamageFault", "DamagedError", "Report", "events_in", "rebuild", "verify"]
Progress = Callable[[int], None]


class Report(BaseModel):
    """What was checked, and what was wrong with it."""

    model_config = ConfigDict(frozen=True)

    cycles: int
    events: int
    facts: int = 0
    open_cycles: tuple[str, ...]
    faults: tuple[DamageFault, ...]


def events_in(engine: Engine) -> int:
    """How many events and facts journal and ledger hold."""
    with reading(engine) as session:
        return sum(session.exec(select(func.count()).select_from(table)).one() for table in (JournalRow, LedgerRow))


def verify(engine: Engine, progress: Progress = lambda _: None) -> Report:
    """Recomputes every chain, folds every cycle and stream, and compares every projection with what comes out.

    `progress` is told how many events were looked at since the last time.
    """
    faults: list[DamageFault] = []
    open_cycles: list[str] = []
    cycles = events = facts = 0
    with reading(engine) as session:
        for batch in batches(session, JOURNAL, JOURNAL.c.cycle_id):
            folded: list[tuple[CycleState, Rows]] = []
            for cycle_id, rows in batch:
                made = _made(cycle_id, rows, columns=True)
                if isinstance(made, DamageFault):
                    faults.append(made)
                    continue
                folded.append(made)
                if made[0].status.is_open:
                    open_cycles.append(cycle_id)
            faults += compare(session, folded)
            cycles += len(batch)
            events += _told(batch, progress)
        for table in TABLES:
            faults += [
                DamageFault(code="no_event_explains_it", cycle_id=name, where=table.name)
                for name in strays(session, key_of(table), JOURNAL.c.cycle_id)
            ]
        if library.has_strays(session):
            faults.append(DamageFault(code="no_event_explains_it", cycle_id="library", where="case_search"))
        faults += [
            DamageFault(code=code, cycle_id=cycle, where=where) for code, cycle, where in blobs.faults(session)
        ]
        for streams in batches(session, LEDGER, LEDGER.c.stream):
            faults += ledger_check.faults(session, streams)
            facts += _told(streams, progress)
        faults += ledger_check.faults_beside(session)
    return Report(
        cycles=cycles, events=events, facts=facts, open_cycles=tuple(sorted(open_cycles)), faults=tuple(faults)
    )


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
        for batch in batches(session, JOURNAL, JOURNAL.c.cycle_id):
            together: Rows = {}
            states: list[CycleState] = []
            for cycle_id, rows in batch:
                made = _made(cycle_id, rows, columns=False)
                if isinstance(made, DamageFault):
                    raise DamagedError(made)
                states.append(made[0])
                for table, its in made[1].items():
                    together.setdefault(table, []).extend(its)
            write(session, together, texts_of(states))
            count += len(batch)
            _told(batch, progress)
        ledger_check.empty(session)
        for streams in batches(session, LEDGER, LEDGER.c.stream):
            ledger_check.rebuild(session, streams)
            _told(streams, progress)
    return count


def _told(batch: Sequence[Named], progress: Progress) -> int:
    size = sum(len(rows) for _, rows in batch)
    progress(size)
    return size


def _made(cycle_id: str, rows: Sequence[Chained], *, columns: bool) -> tuple[CycleState, Rows] | DamageFault:
    """What a cycle's rows amount to, or the first thing that is wrong with them.

    Args:
        cycle_id: under which they stand.
        rows: all of them, in order.
        columns: whether the columns beside the hashed content count; nothing is made from them.
    """
    broken = break_in(rows)
    if broken is not None:
        return DamageFault(code=broken[0], cycle_id=cycle_id, where=f"seq {broken[1]}")
    events = _events(rows)
    at = len(events)
    if columns:
        differing = (row.seq for row, event in zip(rows, events, strict=False) if not _columns_agree(row, event))
        first = next(differing, rows[at].seq if at < len(rows) else None)
        if first is not None:
            return DamageFault(code="columns_differ", cycle_id=cycle_id, where=f"seq {first}")
    try:
        passages = walk(None, events)
        state = passages[-1].after
        made = rows_of(passages)
    except UNFIT:
        return DamageFault(code="events_do_not_fold", cycle_id=cycle_id, where=f"seq {at}")
    if at < len(rows):
        return DamageFault(code="events_do_not_fold", cycle_id=cycle_id, where=f"seq {at}")
    if state.cycle_id != cycle_id:
        return DamageFault(code="columns_differ", cycle_id=cycle_id, where="seq 1")
    return state, made


def _events(rows: Sequence[Chained]) -> tuple[Event, ...]:
    """What stands in the rows, up to the first that is no event."""
    found: list[Event] = []
    with suppress(ValidationError):
        for row in rows:
            found.append(Event.model_validate_json(row.content))  # noqa: PERF401 - what was read before a fault stays
    return tuple(found)


def _columns_agree(row: Chained, event: Event) -> bool:
    """Whether the columns say what the hashed content says."""
    told = (row.seq, instant(row.at), row.actor, row.on_behalf_of, row.type, row.command_id)
    return bool(told == (event.seq, event.at, event.actor, event.on_behalf_of, event.data.type, event.command_id))
