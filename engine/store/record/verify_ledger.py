"""Checks the ledger against itself, and makes what is made from it anew: some streams at a time, for `verify`."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Table
from sqlmodel import Session, SQLModel

from engine.domain.ledger.facts import Entry, kind_of
from engine.store import authority
from engine.store.hash_chain import break_in
from engine.store.ledger_rows import entry_of
from engine.store.projections import ledger_streams as streams
from engine.store.record.compare_rows import held_by_name, plain, same, strays
from engine.store.record.damage import UNFIT, DamagedError, DamageFault
from engine.store.record.read_rows import Chained, Named, instant

LEDGER: Table = SQLModel.metadata.tables["ledger"]
Rows = dict[Table, list[dict[str, Any]]]


def faults(session: Session, batch: Sequence[Named]) -> Iterator[DamageFault]:
    """Broken chains, columns that say something else than the content, and tables that say something else."""
    made: list[tuple[str, Rows]] = []
    for stream, rows in batch:
        found = _made(stream, rows, columns=True)
        if isinstance(found, DamageFault):
            yield found
        else:
            made.append((stream, found))
    if not made:
        return
    names = [stream for stream, _ in made]
    for table in streams.TABLES:
        held = held_by_name(session, table, table.c.stream, names)
        for stream, wanted in made:
            if not same(held.get(stream, []), plain(table, wanted.get(table, []))):
                yield DamageFault(code="projection_differs", cycle_id=stream, where=table.name)


def faults_beside(session: Session) -> Iterator[DamageFault]:
    """Rows that no fact explains; also documents, absences and webhooks, which no fact makes, against their facts."""
    for table in streams.TABLES:
        for stream in strays(session, table.c.stream, LEDGER.c.stream):
            yield DamageFault(code="no_event_explains_it", cycle_id=stream, where=table.name)
    for code, stream, where in authority.faults(session):
        yield DamageFault(code=code, cycle_id=stream, where=where)


def empty(session: Session) -> None:
    """Throws everything away that is made from the ledger."""
    streams.empty(session)


def rebuild(session: Session, batch: Sequence[Named]) -> None:
    """Makes what some streams amount to; nothing of theirs is there.

    Raises:
        DamagedError: a stream's rows do not go together.
    """
    together: Rows = {}
    for stream, rows in batch:
        made = _made(stream, rows, columns=False)
        if isinstance(made, DamageFault):
            raise DamagedError(made)
        for table, its in made.items():
            together.setdefault(table, []).extend(its)
    streams.write(session, together)


def _made(stream: str, rows: Sequence[Chained], *, columns: bool) -> Rows | DamageFault:
    """The rows that a stream amounts to, or the first thing that is wrong with it; see `verify`."""
    broken = break_in(rows)
    if broken is not None:
        return DamageFault(code=broken[0], cycle_id=stream, where=f"seq {broken[1]}")
    entries: list[Entry] = []
    for row in rows:
        try:
            entry = entry_of(row)
        except ValidationError:
            return DamageFault(code="columns_differ", cycle_id=stream, where=f"seq {row.seq}")
        if entry.stream != stream or (columns and not _columns_agree(row, entry)):
            return DamageFault(code="columns_differ", cycle_id=stream, where=f"seq {row.seq}")
        entries.append(entry)
    if kind_of(stream) not in streams.PROJECTIONS:
        return DamageFault(code="unknown_stream", cycle_id=stream)
    try:
        return streams.rows(stream, entries)
    except UNFIT:
        return DamageFault(code="events_do_not_fold", cycle_id=stream)


def _columns_agree(row: Chained, entry: Entry) -> bool:
    told = (row.seq, instant(row.at), row.actor, row.on_behalf_of, row.type, row.command_id)
    said = (entry.seq, entry.at, entry.actor, entry.on_behalf_of, entry.data.type, entry.command_id)
    return told == said
