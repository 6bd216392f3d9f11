"""The journal: append-only, one gapless numbering and one SHA-256 chain for each cycle.

The projections are made, notices are queued, working copies that were handed in go, and spread targets are offered in
the transaction that appends, so nobody ever sees one without the other.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, Table, bindparam, insert
from sqlalchemy import select as choose
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, func, select

from engine.contracts.cycle import AppendAnswer, AppendAsk
from engine.domain.cycle.commands import Command, Receipt
from engine.domain.cycle.events import CommandRefused, Event
from engine.domain.cycle.walk import walk
from engine.domain.errors import NOT_RECORDED, RECORD_OLDER, DomainError, unprocessable
from engine.domain.moves.command_log import REMEMBERED, Seen, remembered
from engine.store import outbox
from engine.store.database import looking, reading, writing
from engine.store.directory.directory import Directory
from engine.store.directory.working_copies import hand_in_copies
from engine.store.faults import is_never, why
from engine.store.hash_chain import GENESIS, canonical, hashes, lock
from engine.store.projections import cycles as projections
from engine.store.projections import library
from engine.store.projections.cycles import Projected
from engine.store.record import spread_offers as spreading
from engine.store.record.ledger import Ledger
from engine.store.record.state_cache import Known
from engine.store.tables import JournalRow

ONE_PAGE = 1_000_000
"""Bytes of events in one answer; the server takes no payload above two million."""
LATEST = 10_000
"""Events that a look at what moved lately goes back at most."""

log = structlog.get_logger(__name__)
JOURNAL: Table = SQLModel.metadata.tables["journal"]
_FROM = (
    choose(JOURNAL.c.seq, JOURNAL.c.content, JOURNAL.c.hash)
    .where(JOURNAL.c.cycle_id == bindparam("cycle"), JOURNAL.c.seq >= bindparam("first"))
    .order_by(JOURNAL.c.seq)
)
_OF_COMMAND = (
    choose(JOURNAL.c.content)
    .where(JOURNAL.c.command_id == bindparam("command"), JOURNAL.c.cycle_id == bindparam("cycle"))
    .order_by(JOURNAL.c.seq)
)
_INSERT = insert(JOURNAL)


def event_of(row: JournalRow) -> Event:
    """The event in a row."""
    return Event.model_validate_json(row.content)


class Journal:
    """Writes and reads the record."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._directory = Directory(engine)
        self._ledger = Ledger(engine, directory=self._directory)
        self._known = Known()

    def append(self, ask: AppendAsk) -> AppendAnswer:
        """Writes the events after `ask.after`; writing the same again changes nothing.

        Returns:
            Empty when the journal holds exactly these events; else everything it holds after `ask.after`, and
            nothing was written.

        Raises:
            DomainError: they can never be written: `NOT_RECORDED`, or `RECORD_OLDER` when the journal lacks events
                before these.
        """
        for last in (False, True):
            try:
                return self._appended(ask)
            except IntegrityError as error:  # two who write the same row at once: the second sees the first's
                if last:
                    raise self._never(ask, error) from error
            except DomainError:
                raise
            except Exception as error:
                if is_never(error):
                    raise self._never(ask, error) from error
                raise
        raise DomainError.of(NOT_RECORDED)

    def _never(self, ask: AppendAsk, error: Exception) -> DomainError:
        log.error(
            "events can never be recorded",
            cycle=ask.cycle_id,
            types=[one.data.type for one in ask.events],
            **why(error),
        )
        return DomainError.of(NOT_RECORDED)

    def _appended(self, ask: AppendAsk) -> AppendAnswer:
        with writing(self._engine) as session:
            lock(session)
            answer, link, made = self._append(session, ask)
        if made is not None:  # only what was committed is known
            self._known.keep(ask.cycle_id, link, made)
        return answer

    def _append(self, session: Session, ask: AppendAsk) -> tuple[AppendAnswer, str, Projected | None]:
        """The answer, the hash that the cycle's chain ends with, and what was made from the events."""
        held = session.connection().execute(_FROM, {"cycle": ask.cycle_id, "first": ask.after}).all()
        previous = next((row.hash for row in held if row.seq == ask.after), GENESIS if ask.after == 0 else None)
        present = [row for row in held if row.seq > ask.after]
        contents = [canonical(event) for event in ask.events]
        same = all(_is(*one) for one in zip(present, ask.events, contents, strict=False))
        if len(present) > len(contents) or not same:
            return _ahead(present), "", None
        events = ask.events[len(present) :]
        if not events:
            return AppendAnswer(), "", None
        link = present[-1].hash if present else previous
        if link is None:
            log.error("the journal is older than the engine", cycle=ask.cycle_id, lacks=ask.after)
            raise DomainError.of(RECORD_OLDER)
        before = self._known.get(ask.cycle_id, link) or projections.projected(session, ask.cycle_id)
        rows = _rows(ask.cycle_id, events, contents[len(present) :], link)
        session.connection().execute(_INSERT, rows)
        known = before.state if before else None
        passages = walk(known, events)
        made = projections.project(session, before, passages)
        library.project(session, made.state)
        if known is not None and made.state.status.is_open and not known.status.is_open:
            library.take_away(session, ask.cycle_id)
        outbox.queue(session, self._directory, passages)
        hand_in_copies(session, ask.cycle_id, events)
        spreading.offer_targets(session, self._directory, self._ledger, made.state, events)
        spreading.take_back_offers(session, self._ledger, made.state, events)
        return AppendAnswer(), rows[-1]["hash"], made

    def events(self, cycle_id: str, after: int = 0) -> tuple[Event, ...]:
        """The cycle's events with a seq above `after`, in order."""
        with looking(self._engine) as database:
            held = database.execute(_FROM, {"cycle": cycle_id, "first": after + 1}).all()
        return _events(held)

    def seen(self, cycle_id: str) -> dict[str, Seen]:
        """The commands that the cycle's journal holds, as its run would remember them."""
        asks = (
            choose(JOURNAL.c.content)
            .where(JOURNAL.c.cycle_id == cycle_id, JOURNAL.c.command_id.is_not(None))
            .order_by(JOURNAL.c.seq.desc())
            .limit(REMEMBERED)
        )
        with looking(self._engine) as database:
            held = database.execute(asks).scalars().all()
        return remembered(Event.model_validate_json(content) for content in reversed(held))

    def receipt(self, cycle_id: str, command: Command) -> Receipt | None:
        """What a command with this id was answered, if it is in the journal and was not refused.

        Raises:
            DomainError: the id was used for something else.
        """
        with looking(self._engine) as database:
            held = database.execute(_OF_COMMAND, {"cycle": cycle_id, "command": command.id}).all()
        events = [event for event in _events(held) if not isinstance(event.data, CommandRefused)]
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


def _events(rows: Sequence[Any]) -> tuple[Event, ...]:
    return tuple(Event.model_validate_json(row.content) for row in rows)


def _is(row: Any, event: Event, content: str) -> bool:
    """Whether the row holds this event; what a release before wrote is spelled otherwise and is the same."""
    return bool(row.content == content) or Event.model_validate_json(row.content) == event


def _ahead(rows: Sequence[Any]) -> AppendAnswer:
    """What the journal holds instead; as many events as one payload takes, at least one."""
    size, count = 0, 0
    for row in rows:
        size += len(row.content.encode())
        if count and size > ONE_PAGE:
            break
        count += 1
    return AppendAnswer(ahead=_events(rows[:count]), more=count < len(rows))


def _rows(cycle_id: str, events: Sequence[Event], contents: Sequence[str], previous: str) -> list[dict[str, Any]]:
    return [
        {
            "cycle_id": cycle_id,
            "seq": event.seq,
            "at": event.at,
            "actor": event.actor,
            "on_behalf_of": event.on_behalf_of,
            "type": event.data.type,
            "command_id": event.command_id,
            "content": content,
            "hash": link,
        }
        for event, content, link in zip(events, contents, hashes(previous, contents), strict=True)
    ]
