"""The journal: append-only, one gapless numbering and one SHA-256 chain for each cycle.

The projections are made, notices are queued, and spread targets are offered in the transaction that appends, so
nobody ever sees one without the other.
"""

from collections.abc import Sequence
from datetime import UTC, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from engine.contracts.cycle import AppendAnswer, AppendAsk
from engine.domain.commands import Command, Receipt
from engine.domain.errors import unprocessable
from engine.domain.events import CommandRefused, Event
from engine.store import library, outbox, projections, spreading
from engine.store.chain import GENESIS, canonical, hashes, lock
from engine.store.database import reading, writing
from engine.store.directory import Directory
from engine.store.ledger import Ledger
from engine.store.tables import JournalRow

LATEST = 10_000
"""Events that a look at what moved lately goes back at most."""


def event_of(row: JournalRow) -> Event:
    """The event in a row."""
    return Event.model_validate_json(row.content)


class Journal:
    """Writes and reads the record."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._directory = Directory(engine)
        self._ledger = Ledger(engine, directory=self._directory)

    def append(self, ask: AppendAsk) -> AppendAnswer:
        """Writes the events after `ask.after`; writing the same again changes nothing.

        Returns:
            Empty when the journal holds exactly these events; else everything it holds after `ask.after`, and
            nothing was written.

        Raises:
            ValueError: the journal lacks events before these, so it is older than the engine.
        """
        with writing(self._engine) as session:
            lock(session)
            return _append(session, self._directory, self._ledger, ask)

    def events(self, cycle_id: str, after: int = 0) -> tuple[Event, ...]:
        """The cycle's events with a seq above `after`, in order."""
        with reading(self._engine) as session:
            return tuple(event_of(row) for row in _rows(session, cycle_id, after))

    def receipt(self, cycle_id: str, command: Command) -> Receipt | None:
        """What a command with this id was answered, if it is in the journal and was not refused.

        Raises:
            DomainError: the id was used for something else.
        """
        with reading(self._engine) as session:
            rows = session.exec(
                select(JournalRow)
                .where(JournalRow.command_id == command.id, JournalRow.cycle_id == cycle_id)
                .order_by(col(JournalRow.seq))
            ).all()
        events = [event for row in rows if not isinstance((event := event_of(row)).data, CommandRefused)]
        if not events:
            return None
        if events[-1].fingerprint != command.fingerprint:
            raise unprocessable("idempotency_key_reused", key=command.id)
        return Receipt(cycle_id=cycle_id, command_id=command.id, revision=events[-1].seq)

    def moved_within(self, span: timedelta) -> tuple[str, ...]:
        """The cycles with events in the last `span` before the journal's end."""
        with reading(self._engine) as session:
            newest = session.exec(select(func.max(JournalRow.position))).one()
            if newest is None:
                return ()
            end = session.get_one(JournalRow, newest).at
            recent = col(JournalRow.position) > newest - LATEST
            found = session.exec(
                select(JournalRow.cycle_id).where(recent, JournalRow.at >= end - span).distinct()
            ).all()
            return tuple(sorted(found))


def _append(session: Session, directory: Directory, ledger: Ledger, ask: AppendAsk) -> AppendAnswer:
    present = _rows(session, ask.cycle_id, ask.after)
    contents = [canonical(event) for event in ask.events]
    if present:
        held = [row.content for row in present]
        same = held == contents[: len(held)]
        if not same or len(held) > len(contents):
            return AppendAnswer(ahead=tuple(event_of(row) for row in present))
    new = list(zip(ask.events, contents, strict=True))[len(present) :]
    if new:
        previous = present[-1].hash if present else _hash_at(session, ask.cycle_id, ask.after)
        _insert(session, ask.cycle_id, new, previous)
        events = tuple(event for event, _ in new)
        before = projections.state_in(session, ask.cycle_id)
        state = projections.project(session, ask.cycle_id, events)
        library.project(session, state)
        outbox.queue(session, directory, before, events)
        spreading.offer_targets(session, directory, ledger, state, events)
    return AppendAnswer()


def _insert(session: Session, cycle_id: str, new: Sequence[tuple[Event, str]], previous: str) -> None:
    for (event, content), link in zip(new, hashes(previous, [content for _, content in new]), strict=True):
        session.add(
            JournalRow(
                cycle_id=cycle_id,
                seq=event.seq,
                at=event.at.astimezone(UTC),
                actor=event.actor,
                on_behalf_of=event.on_behalf_of,
                type=event.data.type,
                command_id=event.command_id,
                content=content,
                hash=link,
            )
        )
    session.flush()


def _hash_at(session: Session, cycle_id: str, seq: int) -> str:
    if seq == 0:
        return GENESIS
    found = session.exec(
        select(JournalRow.hash).where(JournalRow.cycle_id == cycle_id, JournalRow.seq == seq)
    ).first()
    if found is None:
        raise ValueError(f"the journal of {cycle_id} lacks event {seq}: it is older than the engine")
    return found


def _rows(session: Session, cycle_id: str, after: int) -> Sequence[JournalRow]:
    return session.exec(
        select(JournalRow)
        .where(JournalRow.cycle_id == cycle_id, JournalRow.seq > after)
        .order_by(col(JournalRow.seq))
    ).all()
