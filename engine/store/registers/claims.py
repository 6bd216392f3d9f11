"""Idempotency keys: each is claimed, together with what was sent under it, before anything is done.

A claim binds a key to one content for good. Whoever holds it works; equal requests wait for the answer, which is kept
for a week; others are told that the key is in use for something else. Must not know HTTP.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Engine, Table, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, delete

from engine.store.database import writing
from engine.store.tables import AnswerRow

KEPT_FOR = timedelta(days=7)
_ANSWERS: Table = SQLModel.metadata.tables["answer"]


@dataclass(frozen=True)
class Key:
    """A person's key, the hash of what was sent under it, and a name for the request that sent it."""

    person: str
    name: str
    fingerprint: str
    request: str


@dataclass(frozen=True)
class KeptAnswer:
    """An answer as it was given; `headers` is JSON."""

    status: int
    headers: str
    body: str


Standing = Literal["ours", "other_content", "under_way"]
"""Of a key without an answer: we work on it, it is bound to something else, another request works on it."""


class Claims:
    """The keys of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, key: Key, *, take_over: bool = False) -> Standing | KeptAnswer:
        """Binds the key to its content and this request to the key, unless it is answered or somebody works on it.

        Args:
            key: whose, and for what.
            take_over: also from a request that still holds it, since it seems to have died; only for equal content.
        """
        with writing(self._engine) as session:
            if self._is_new(session, key):
                return "ours"
            row = session.get_one(AnswerRow, (key.person, key.name), with_for_update=True)
            if row.fingerprint != key.fingerprint:
                return "other_content"
            if row.status is not None:
                return _kept(row)
            if row.claim is not None and not take_over:
                return "under_way"
            row.claim = key.request
            return "ours"

    def keep(self, key: Key, answer: KeptAnswer) -> KeptAnswer:
        """Keeps the answer; gives the one that is kept, which is another when an equal request was faster."""
        with writing(self._engine) as session:
            row = session.get(AnswerRow, (key.person, key.name), with_for_update=True)
            if row is None or row.fingerprint != key.fingerprint:
                return answer
            if row.status is not None:
                return _kept(row)
            row.status, row.headers, row.body, row.claim = answer.status, answer.headers, answer.body, None
            return answer

    def release(self, key: Key) -> None:
        """Lets an equal request try again; the key stays bound to its content."""
        mine = (
            _ANSWERS.c.person_id == key.person, _ANSWERS.c.key == key.name, _ANSWERS.c.claim == key.request,
        )  # fmt: skip
        with writing(self._engine) as session:
            session.connection().execute(update(_ANSWERS).where(*mine).values(claim=None))

    def forget(self, key: Key) -> None:
        """Frees the key, also for another content: nothing was done under it."""
        mine = (col(AnswerRow.person_id) == key.person, col(AnswerRow.key) == key.name)
        with writing(self._engine) as session:
            session.exec(delete(AnswerRow).where(*mine, col(AnswerRow.claim) == key.request))

    def forget_old(self) -> None:
        """Answers older than `KEPT_FOR` are not repeated any more."""
        with writing(self._engine) as session:
            session.exec(delete(AnswerRow).where(col(AnswerRow.created_at) < datetime.now(UTC) - KEPT_FOR))

    def _is_new(self, session: Session, key: Key) -> bool:
        row = {
            "person_id": key.person, "key": key.name, "fingerprint": key.fingerprint, "claim": key.request,
            "created_at": datetime.now(UTC),
        }  # fmt: skip
        dialect = postgresql if self._engine.name == "postgresql" else sqlite
        statement = dialect.insert(_ANSWERS).values(row).on_conflict_do_nothing().returning(_ANSWERS.c.key)
        return session.connection().execute(statement).first() is not None


def _kept(row: AnswerRow) -> KeptAnswer:
    return KeptAnswer(status=row.status or 200, headers=row.headers or "{}", body=row.body or "")
