"""Who made a token for whom, as facts in the ledger, a stream for each person; never the token itself."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine
from sqlmodel import col, func, select

from engine.domain.ledger.facts import TokenIssued, Write
from engine.store.database import reading, writing
from engine.store.hash_chain import lock
from engine.store.ledger_rows import entry_of
from engine.store.projections.ledger_streams import TOKENS
from engine.store.record.ledger import Ledger
from engine.store.tables import LedgerRow


class Issued(BaseModel):
    """One token that was made: for whom, by whom (a person, or an account of the machine), from when until when."""

    model_config = ConfigDict(frozen=True)

    person: str
    by: str
    at: datetime
    expires_at: datetime


class Tokens:
    """Writes and reads them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ledger = Ledger(engine)

    def note(self, fact: TokenIssued, actor: str = "system") -> None:
        """Adds that a token was made; nobody is given one before this is written."""
        stream = f"{TOKENS}/{fact.person}"
        held = select(func.count()).select_from(LedgerRow).where(LedgerRow.stream == stream)
        with writing(self._engine) as session:
            lock(session)
            after = session.exec(held).one()
            self._ledger.write(session, Write(stream=stream, after=after, facts=(fact,), actor=actor))

    def issued(self, limit: int) -> tuple[Issued, ...]:
        """Up to `limit` of them, the newest first."""
        query = select(LedgerRow).where(LedgerRow.type == "token_issued")
        with reading(self._engine) as session:
            rows = session.exec(query.order_by(col(LedgerRow.position).desc()).limit(limit)).all()
        return tuple(
            Issued(person=fact.person, by=fact.account or entry.actor, at=entry.at, expires_at=fact.expires_at)
            for entry in map(entry_of, rows)
            if isinstance(fact := entry.data, TokenIssued)
        )
