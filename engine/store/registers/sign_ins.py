"""Accounts of the OpenID provider: which issuer and subject stands for which person, by facts in the ledger.

A mailbox may be given to another person; an account's subject never is. So the first sign-in that proves an address
binds the account, and from then on the account says who it is.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from engine.domain.ledger.facts import Fact, SignInBound, SignInReleased, Write
from engine.store.database import reading, writing
from engine.store.hash_chain import lock
from engine.store.projections.ledger_streams import SIGN_INS
from engine.store.record.ledger import Ledger
from engine.store.tables import LedgerRow
from engine.store.tables_access import SignInRow


class Account(BaseModel):
    """An account that stands for a person."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    subject: str
    person: str
    bound_at: datetime


class SignIns:
    """Of one database; every method blocks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ledger = Ledger(engine)

    def find(self, issuer: str, subject: str) -> Account | None:
        """The account, if it stands for somebody."""
        with reading(self._engine) as session:
            return _one(session, stream_of(issuer, subject))

    def of(self, person: str) -> list[Account]:
        """All that stand for a person."""
        with reading(self._engine) as session:
            query = select(SignInRow).where(SignInRow.person == person).order_by(col(SignInRow.bound_at))
            return [_account(row) for row in session.exec(query).all()]

    def bind(self, issuer: str, subject: str, person: str) -> None:
        """The account stands for this person from now on; as it was, when it did already."""
        stream = stream_of(issuer, subject)
        with writing(self._engine) as session:
            lock(session)
            held = _one(session, stream)
            if held is None or held.person != person:
                self._add(session, stream, SignInBound(issuer=issuer, subject=subject, person=person), person)

    def release(self, person: str, by: str) -> int:
        """Every account of a person stands for nobody any more; gives how many there were."""
        with writing(self._engine) as session:
            lock(session)
            streams = session.exec(select(SignInRow.stream).where(SignInRow.person == person)).all()
            for stream in streams:
                self._add(session, stream, SignInReleased(), by)
            return len(streams)

    def _add(self, session: Session, stream: str, fact: Fact, actor: str) -> None:
        last: Sequence[int] = session.exec(
            select(LedgerRow.seq).where(LedgerRow.stream == stream).order_by(col(LedgerRow.seq).desc()).limit(1)
        ).all()
        self._ledger.write(session, Write(stream=stream, after=last[0] if last else 0, facts=(fact,), actor=actor))


def stream_of(issuer: str, subject: str) -> str:
    """The ledger's stream of an account."""
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
    return f"{SIGN_INS}/{digest[:32]}"


def _one(session: Session, stream: str) -> Account | None:
    row = session.get(SignInRow, stream)
    return None if row is None else _account(row)


def _account(row: SignInRow) -> Account:
    return Account(issuer=row.issuer, subject=row.subject, person=row.person, bound_at=row.bound_at)
