"""Tokens: who made one for whom, until when, and whether it still counts. The token itself is written nowhere.

Each is made and revoked by a fact in the ledger, a stream for each holder; the table `credential` follows from them.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Engine, and_, or_
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from engine.contracts.credentials import Credential
from engine.domain.errors import not_found
from engine.domain.ledger.facts import Fact, TokenIssued, TokenRevoked, Write
from engine.store.database import reading, writing
from engine.store.faults import DatabaseBusyError
from engine.store.hash_chain import lock
from engine.store.projections.ledger_streams import TOKENS
from engine.store.record.ledger import Ledger
from engine.store.tables import LedgerRow
from engine.store.tables_access import CredentialRow, CredentialUseRow

SEEN_EVERY = timedelta(minutes=1)
"""How exactly the last use is known."""


class Tokens:
    """Of one database; every method blocks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ledger = Ledger(engine)
        self._tried: dict[str, datetime] = {}

    def note(self, fact: TokenIssued, actor: str = "system") -> Credential | None:
        """Adds that a token was made; nobody is given one before this is written.

        Returns:
            What stands on record under its id now: a second time under the same one adds nothing. None without an id.
        """
        with writing(self._engine) as session:
            lock(session)
            if fact.credential is not None and (held := _one(session, fact.credential)) is not None:
                return held
            self._add(session, fact.person, fact, actor)
            return _one(session, fact.credential) if fact.credential is not None else None

    def revoke(self, credential: str, by: str, holder: str | None = None) -> None:
        """Ends a token at once; one that was ended before stays as it was.

        Args:
            credential: its id.
            by: who ends it.
            holder: whose it must be; None for anybody's.

        Raises:
            DomainError: `unknown_credential`.
        """
        with writing(self._engine) as session:
            lock(session)
            held = _one(session, credential)
            if held is None or holder not in {None, held.holder}:
                raise not_found("unknown_credential", credential=credential)
            if held.revoked_at is None:
                self._add(session, held.holder, TokenRevoked(credential=credential), by)

    def find(self, credential: str) -> Credential | None:
        """The token of that id, whether it still counts or not."""
        with reading(self._engine) as session:
            return _one(session, credential)

    def used(self, credential: Credential, at: datetime) -> None:
        """Notes that it was used, no oftener than `SEEN_EVERY`; a database that cannot be written now is let be."""
        if credential.used_at is not None and at - credential.used_at < SEEN_EVERY:
            return
        if (tried := self._tried.get(credential.id)) is not None and at - tried < SEEN_EVERY:
            return
        self._tried[credential.id] = at
        with suppress(SQLAlchemyError, DatabaseBusyError), writing(self._engine) as session:
            session.merge(CredentialUseRow(id=credential.id, at=at))

    def listed(
        self, holder: str | None = None, limit: int = 200, after: tuple[datetime, str] | None = None
    ) -> list[Credential]:
        """Tokens, the newest first: of one holder or of all, from the one that `after` names on."""
        query = select(CredentialRow, CredentialUseRow.at).join(
            CredentialUseRow, col(CredentialUseRow.id) == col(CredentialRow.id), isouter=True
        )
        if holder is not None:
            query = query.where(CredentialRow.holder == holder)
        if after is not None:
            at, name = after
            same = and_(col(CredentialRow.made_at) == at, col(CredentialRow.id) > name)
            query = query.where(or_(col(CredentialRow.made_at) < at, same))
        with reading(self._engine) as session:
            ordered = query.order_by(col(CredentialRow.made_at).desc(), col(CredentialRow.id)).limit(limit)
            return [_credential(row, used) for row, used in session.exec(ordered).all()]

    def _add(self, session: Session, holder: str, fact: Fact, actor: str) -> None:
        stream = f"{TOKENS}/{holder}"
        last: Sequence[int] = session.exec(
            select(LedgerRow.seq).where(LedgerRow.stream == stream).order_by(col(LedgerRow.seq).desc()).limit(1)
        ).all()
        self._ledger.write(session, Write(stream=stream, after=last[0] if last else 0, facts=(fact,), actor=actor))


def _one(session: Session, credential: str) -> Credential | None:
    row = session.get(CredentialRow, credential)
    if row is None:
        return None
    used = session.get(CredentialUseRow, credential)
    return _credential(row, used.at if used is not None else None)


def _credential(row: CredentialRow, used: datetime | None) -> Credential:
    return Credential(**row.model_dump(exclude={"stream", "rights"}), rights=tuple(row.rights.split()), used_at=used)
