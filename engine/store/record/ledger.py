"""The ledger: append-only streams of facts that belong to no running cycle, chained like the journal.

Facts and the tables made from them are committed together. A writer says which entry it saw last; if there is a newer
one nothing is written, so two people never decide past each other. Nothing waits, so there is no engine here.
"""

from collections.abc import Sequence
from datetime import UTC

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from engine.domain.errors import conflict, unprocessable
from engine.domain.ledger.facts import Entry, Fact, Write, of_command
from engine.store.database import reading, writing
from engine.store.directory.directory import Directory, OfficeClock, utc_now
from engine.store.hash_chain import GENESIS, canonical, hashes, lock
from engine.store.ledger_rows import entry_of, row_of
from engine.store.projections import ledger_streams as streams
from engine.store.record import offer_notices as offer_told
from engine.store.tables import LedgerRow


class Ledger:
    """Writes and reads the facts; with a directory, whom an offer concerns is told in the same transaction."""

    def __init__(self, engine: Engine, clock: OfficeClock = utc_now, directory: Directory | None = None) -> None:
        self._engine = engine
        self._now = clock
        self._directory = directory

    def append(  # noqa: PLR0913 - the envelope of a fact
        self,
        stream: str,
        after_seq: int,
        facts: Sequence[Fact],
        *,
        actor: str,
        command_id: str | None = None,
        on_behalf_of: str | None = None,
    ) -> tuple[Entry, ...]:
        """Writes `facts` to one stream; see `append_all`."""
        ask = Write(
            stream=stream,
            after=after_seq,
            facts=tuple(facts),
            actor=actor,
            command_id=command_id,
            on_behalf_of=on_behalf_of,
        )
        return self.append_all((ask,))

    def append_all(self, writes: Sequence[Write]) -> tuple[Entry, ...]:
        """Writes to several streams, all or nothing, with everything that is made from them.

        Returns:
            What stands in the ledger now; what an earlier call under the same `command_id` wrote is returned again.

        Raises:
            DomainError: `ledger_moved` when a stream has a newer entry than the writer saw, and
                `idempotency_key_reused` when the command wrote something else before.
        """
        with writing(self._engine) as session:
            lock(session)
            return tuple(entry for write in writes for entry in self.write(session, write))

    def write(self, session: Session, ask: Write) -> tuple[Entry, ...]:
        """Like `append_all`, inside a transaction that holds the lock."""
        present = _rows(session, ask.stream)
        known = tuple(entry_of(row) for row in present)
        before = of_command(known, ask.command_id)
        if before:
            if tuple(canonical(entry.data) for entry in before) != tuple(canonical(fact) for fact in ask.facts):
                raise unprocessable("idempotency_key_reused", key=ask.command_id or "")
            return before
        if len(known) != ask.after:
            raise conflict("ledger_moved", stream=ask.stream)
        at = self._now().astimezone(UTC)
        new = tuple(
            Entry(
                stream=ask.stream,
                seq=ask.after + number,
                at=at,
                actor=ask.actor,
                on_behalf_of=ask.on_behalf_of,
                command_id=ask.command_id,
                data=fact,
            )
            for number, fact in enumerate(ask.facts, start=1)
        )
        contents = [canonical(entry) for entry in new]
        links = hashes(present[-1].hash if present else GENESIS, contents)
        session.add_all(map(row_of, new, contents, links))
        session.flush()
        streams.project(session, ask.stream, (*known, *new))
        if self._directory is not None:
            offer_told.queue(session, self._directory, known, new)
        return new

    def entries(self, stream: str, after: int = 0) -> tuple[Entry, ...]:
        """The stream's entries with a seq above `after`, in order."""
        with reading(self._engine) as session:
            return tuple(entry_of(row) for row in _rows(session, stream, after))

    def standing(self, session: Session, stream: str) -> tuple[Entry, ...]:
        """The stream's entries, inside a transaction that holds the lock."""
        return tuple(entry_of(row) for row in _rows(session, stream))

    def position(self) -> int:
        """Where the ledger ends."""
        with reading(self._engine) as session:
            return session.exec(select(func.max(LedgerRow.position))).one() or 0

    def following(self, position: int, limit: int) -> Sequence[LedgerRow]:
        """All streams' rows beyond `position`, in the order of commit."""
        query = (
            select(LedgerRow).where(col(LedgerRow.position) > position).order_by(col(LedgerRow.position)).limit(limit)
        )
        with reading(self._engine) as session:
            return session.exec(query).all()


def _rows(session: Session, stream: str, after: int = 0) -> Sequence[LedgerRow]:
    return session.exec(
        select(LedgerRow).where(LedgerRow.stream == stream, LedgerRow.seq > after).order_by(col(LedgerRow.seq))
    ).all()
