"""Checks the ledger against itself, and makes what is made from it anew; `check` calls it for both records."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Table
from sqlalchemy import select as choose
from sqlmodel import Session, SQLModel, select

from engine.domain.ledger.facts import Entry, kind_of
from engine.store import authority
from engine.store.hash_chain import break_in
from engine.store.ledger_rows import entry_of
from engine.store.projections import ledger_streams as streams

BATCH = 1000
"""Facts read at once."""
LEDGER: Table = SQLModel.metadata.tables["ledger"]
Found = tuple[str, str, str]
"""Code, stream and place of a fault."""


def by_stream(session: Session) -> Iterator[tuple[str, list[Any]]]:
    """Every stream with its rows: plain ones, read some at a time."""
    ordered = choose(LEDGER).order_by(LEDGER.c.stream, LEDGER.c.seq)
    rows = session.connection().execute(ordered, execution_options={"yield_per": BATCH})
    for stream, group in groupby(rows, key=lambda row: row.stream):
        yield stream, list(group)


def faults(session: Session) -> Iterator[Found]:
    """Broken chains, columns that say something else than the content, and rows that the facts do not explain.

    Documents, absences and webhooks are compared with their facts too, though they are not made from them.
    """
    known: set[str] = set()
    for stream, rows in by_stream(session):
        known.add(stream)
        broken = break_in(rows)
        if broken is not None:
            yield broken[0], stream, f"seq {broken[1]}"
            continue
        wrong = next((row for row in rows if not _columns_agree(row)), None)
        if wrong is not None:
            yield "columns_differ", stream, f"seq {wrong.seq}"
            continue
        yield from _projection_faults(session, stream, [entry_of(row) for row in rows])
    for projection in streams.PROJECTIONS.values():
        for table in projection.tables:
            streams_there = choose(table.__table__.c.stream).distinct()  # type: ignore[attr-defined]
            for (stream,) in session.connection().execute(streams_there).all():
                if stream not in known:
                    yield "no_event_explains_it", stream, str(table.__tablename__)
    yield from authority.faults(session)


def rebuild(session: Session) -> None:
    """Empties everything made from the ledger, and makes it anew."""
    streams.empty(session)
    for stream, rows in by_stream(session):
        streams.project(session, stream, [entry_of(row) for row in rows])


def _projection_faults(session: Session, stream: str, entries: Sequence[Entry]) -> Iterator[Found]:
    projection = streams.PROJECTIONS.get(kind_of(stream))
    if projection is None:
        yield "unknown_stream", stream, ""
        return
    try:
        expected = list(projection.rows(entries))
    except ValueError:
        yield "events_do_not_fold", stream, ""
        return
    for table in projection.tables:
        held = session.exec(select(table).where(table.__table__.c.stream == stream)).all()  # type: ignore[attr-defined]
        if plain(held) != plain(row for row in expected if isinstance(row, table)):
            yield "projection_differs", stream, str(table.__tablename__)


def _columns_agree(row: Any) -> bool:
    try:
        entry = entry_of(row)
    except ValidationError:
        return False
    told = (row.stream, row.seq, row.at, row.actor, row.on_behalf_of, row.type, row.command_id)
    said = (entry.stream, entry.seq, entry.at, entry.actor, entry.on_behalf_of, entry.data.type, entry.command_id)
    return told == said


def plain(rows: Iterable[SQLModel]) -> list[str]:
    """Rows in a form that can be compared whatever their order, and whichever way an instant names UTC."""
    return sorted(repr(sorted((name, _plain(value)) for name, value in row.model_dump().items())) for row in rows)


def _plain(value: object) -> object:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
