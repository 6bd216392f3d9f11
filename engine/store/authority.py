"""What gives authority stands in the ledger too: documents, proposed ones, absences, webhooks; in one transaction.

A table says what holds now; the facts say how it came about, and are chained. `faults` compares the two, so a row
that was changed, removed or added beside the ledger is found. Of a webhook, where it goes, what it gets and the
generation of its secret are compared; how far its deliveries are is not.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from engine.domain.cycle.visibility import Visibility
from engine.domain.ledger.facts import (
    AbsenceEnded,
    AbsenceEntered,
    AuthorityTakenOver,
    ChangeClosed,
    ChangeProposed,
    DocumentImported,
    Entry,
    Fact,
    WebhookEnabled,
    WebhookPaused,
    WebhookRemoved,
    WebhookSet,
)
from engine.store.database import writing
from engine.store.hash_chain import GENESIS, canonical, chained, lock
from engine.store.ledger_rows import ABSENCES, AUTHORITY, CHANGES, DOCUMENTS, entry_of, row_of, webhook_stream
from engine.store.tables import AbsenceRow, DocumentRow, LedgerRow, ProposedChangeRow
from engine.store.tables_outgoing import WebhookRow

Row = DocumentRow | ProposedChangeRow | AbsenceRow | WebhookRow
Found = tuple[str, str, str]
"""Code, stream and place of a fault."""
Key = tuple[str, int]
"""Stream, and the number where one stream tells of several rows."""
SYSTEM = "system"
DOCUMENTS_AT_ONCE = 5
"""A city's organisation may be a megabyte, and every import of it is kept."""
TYPES = (
    "document_imported", "change_proposed", "change_closed", "absence_entered", "absence_ended", "webhook_set",
    "webhook_removed",
)  # fmt: skip
"""The facts that say what a table must hold."""
_START = f"{AUTHORITY}/start"
_UNFIT = (ValueError, TypeError)
"""What SQLite's driver makes of a text that is no date."""


def note(session: Session, row: Row, actor: str, at: datetime) -> None:
    """Writes the fact that says what `row` says; the session must hold the lock, and the row its number."""
    stream, fact = told(row)
    _add(session, stream, fact, actor, at)


def note_document(
    session: Session, row: DocumentRow, *, emergency: str | None = None, change: str | None = None
) -> None:
    """Writes that a document is in force and how it came to be; the session must hold the lock."""
    stream, fact = told(row)
    _add(session, stream, fact.model_copy(update={"emergency": emergency, "change": change}),
         row.imported_by, row.imported_at)  # fmt: skip


def note_proposed(session: Session, row: ProposedChangeRow, by_token_of: str | None) -> None:
    """Writes that a document waits, or in an emergency did not; the session must hold the lock."""
    stream, fact = told(row)
    _add(session, stream, fact.model_copy(update={"by_token_of": by_token_of}), row.proposed_by, row.proposed_at)


def note_closed(session: Session, change_id: str, fact: ChangeClosed, actor: str, at: datetime) -> None:
    """Writes what became of a proposed change; the session must hold the lock."""
    _add(session, f"{CHANGES}/{change_id}", fact, actor, at)


def note_removed(session: Session, webhook_id: str, actor: str, at: datetime) -> None:
    """Writes that a webhook is gone; the session must hold the lock."""
    _add(session, webhook_stream(webhook_id), WebhookRemoved(), actor, at)


def note_turned(
    session: Session, webhook_id: str, fact: WebhookPaused | WebhookEnabled, by: str, at: datetime
) -> None:
    """Writes that a webhook was stopped or goes on; the session must hold the lock."""
    _add(session, webhook_stream(webhook_id), fact, by, at)


def note_ended(session: Session, absence_id: str, actor: str, at: datetime) -> None:
    """Writes that an absence was ended; the session must hold the lock."""
    _add(session, f"{ABSENCES}/{absence_id}", AbsenceEnded(), actor, at)


def told(row: Row, *, taken_over: bool = False) -> tuple[str, Fact]:
    """The stream of a row, and the fact that says what it says."""
    match row:
        case DocumentRow():
            digest = hashlib.sha256(row.content.encode()).hexdigest()
            fact: Fact = DocumentImported(
                kind=row.kind, number=row.number or 0, name=row.name, sha256=digest, taken_over=taken_over
            )
            return f"{DOCUMENTS}/{row.kind}", fact
        case ProposedChangeRow():
            digest = hashlib.sha256(row.content.encode()).hexdigest()
            return f"{CHANGES}/{row.id}", ChangeProposed(
                kind=row.kind, name=row.name, sha256=digest, base=row.base, takes_effect=row.takes_effect
            )
        case AbsenceRow():
            fact = AbsenceEntered(
                person=row.person_id, first=row.first, last=row.last, proxy=row.proxy, taken_over=taken_over
            )
            return f"{ABSENCES}/{row.id}", fact
        case _:
            events = tuple(json.loads(row.events))
            fact = WebhookSet(
                url=row.url,
                events=events,
                ceiling=Visibility(row.ceiling),
                generation=row.generation,
                taken_over=taken_over,
            )
            return webhook_stream(row.id), fact


def take_over(engine: Engine, at: datetime | None = None) -> int | None:
    """Gives every row that has no fact one that says so, once in the life of a database.

    Returns:
        How many there were; None when it was done before, so that a row added beside the ledger is never adopted.
    """
    with writing(engine) as session:
        lock(session)
        if session.exec(select(LedgerRow.seq).where(LedgerRow.stream == _START)).first() is not None:
            return None
        moment, known, count = at or datetime.now(UTC), _standing(_entries(session)), 0
        for row in _rows(session):
            stream, fact = told(row, taken_over=True)
            if _key(stream, fact) not in known:
                _add(session, stream, fact, SYSTEM, moment)
                count += 1
        _add(session, _START, AuthorityTakenOver(rows=count), SYSTEM, moment)
        return count


def faults(session: Session) -> Iterator[Found]:
    """Rows that say something else than their fact, that are gone, or that no fact explains."""
    rows, garbled = list[Row](), list[tuple[str, str]]()
    for model, key, stream in _KEPT:
        for found in _each(session, model, key):
            if isinstance(found, str):
                garbled.append((stream(found), f"{model.__tablename__} {found}"))
            else:
                rows.append(found)
    yield from compared(chain(_documents(session), rows), _entries(session), garbled)


def compared(
    rows: Iterable[Row], entries: Iterable[Entry], garbled: Iterable[tuple[str, str]] = ()
) -> Iterator[Found]:
    """Like `faults`, of rows and entries from anywhere; the entries in the order of their positions.

    Args:
        rows: those that can be read.
        entries: the ledger's.
        garbled: stream and name of rows in which something is no value of its column, as SQLite allows.
    """
    known = _standing(entries)
    for stream, name in garbled:
        known.pop((stream, 0), None)
        yield "differs_from_its_fact", stream, name
    for row in rows:
        stream, fact = told(row)
        entry = known.pop(_key(stream, fact), None)
        name = f"{row.__tablename__} {row.number if isinstance(row, DocumentRow) else row.id}"
        if entry is None:
            yield "no_fact_explains_it", stream, name
        elif not _says(row, entry, fact):
            yield "differs_from_its_fact", stream, name
    for stream, number in known:
        yield "row_missing", stream, str(number) if number else ""


def _says(row: Row, entry: Entry, fact: Fact) -> bool:
    """Whether the entry tells the same, and of the same person where the row names who did it."""
    if entry.data.model_dump(exclude=_HOW) != fact.model_dump(exclude=_HOW):
        return False
    if getattr(entry.data, "taken_over", False) or isinstance(row, WebhookRow):
        return True
    return entry.actor == _by(row)


_HOW = {"taken_over", "emergency", "change", "by_token_of"}
"""How a row came about, which the row itself does not say."""


def _by(row: DocumentRow | ProposedChangeRow | AbsenceRow) -> str:
    match row:
        case DocumentRow():
            return row.imported_by
        case ProposedChangeRow():
            return row.proposed_by
        case _:
            return row.entered_by


def _entries(session: Session) -> Iterator[Entry]:
    query = select(LedgerRow).where(col(LedgerRow.type).in_(TYPES)).order_by(col(LedgerRow.position))
    for row in session.exec(query).all():
        with suppress(ValueError):  # the chain's check names it
            yield entry_of(row)


def _standing(entries: Iterable[Entry]) -> dict[Key, Entry]:
    """What the facts say is there."""
    latest: dict[Key, Entry] = {}
    for entry in entries:
        if isinstance(entry.data, WebhookRemoved | AbsenceEnded | ChangeClosed):
            latest.pop((entry.stream, 0), None)
        elif entry.data.type in TYPES:
            latest[_key(entry.stream, entry.data)] = entry
    return latest


def _rows(session: Session) -> Iterator[Row]:
    yield from _documents(session)
    for model, key, _ in _KEPT:
        yield from (one for one in _each(session, model, key) if not isinstance(one, str))


def _documents(session: Session) -> Iterator[DocumentRow]:
    query = select(DocumentRow).order_by(col(DocumentRow.number))
    yield from session.exec(query.execution_options(yield_per=DOCUMENTS_AT_ONCE))


_KEPT: tuple[tuple[type[ProposedChangeRow | AbsenceRow | WebhookRow], Any, Callable[[str], str]], ...] = (
    (ProposedChangeRow, ProposedChangeRow.id, lambda name: f"{CHANGES}/{name}"),
    (AbsenceRow, AbsenceRow.id, lambda name: f"{ABSENCES}/{name}"),
    (WebhookRow, WebhookRow.id, webhook_stream),
)
"""Tables that facts speak of row by row: the key, and the stream of a key."""


def _each(session: Session, model: Any, key: Any) -> Iterator[Any]:
    """The rows of a table in order; the key alone of one that cannot be read."""
    try:
        yield from session.exec(select(model).order_by(key)).all()
    except _UNFIT:
        for name in session.exec(select(key).order_by(key)).all():
            try:
                yield session.exec(select(model).where(key == name)).one()
            except _UNFIT:
                yield str(name)


def _key(stream: str, fact: Fact) -> Key:
    return stream, fact.number if isinstance(fact, DocumentImported) else 0


def _add(session: Session, stream: str, fact: Fact, actor: str, at: datetime) -> None:
    session.flush()
    last = session.exec(
        select(LedgerRow.seq, LedgerRow.hash)
        .where(LedgerRow.stream == stream)
        .order_by(col(LedgerRow.seq).desc())
        .limit(1)
    ).first()
    seq, link = last or (0, GENESIS)
    entry = Entry(stream=stream, seq=seq + 1, at=at.astimezone(UTC), actor=actor, data=fact)
    content = canonical(entry)
    session.add(row_of(entry, content, chained(link, content)))
    session.flush()
