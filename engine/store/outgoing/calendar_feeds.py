"""Secret addresses of calendars: unguessable, ended at will, and only their hashes are kept."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import col, delete, select

from engine.store.database import reading, writing
from engine.store.tables import CalendarFeedRow

BYTES = 24
"""Of chance in an address: 192 bits."""


class CalendarFeeds:
    """Makes, ends and recognises addresses; a person has one at most."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def make(self, person_id: str, at: datetime) -> str:
        """A new secret for the person; the one before ends."""
        token = secrets.token_urlsafe(BYTES)
        with writing(self._engine) as session:
            session.exec(delete(CalendarFeedRow).where(col(CalendarFeedRow.person_id) == person_id))
            session.add(CalendarFeedRow(person_id=person_id, digest=_digest(token), made_at=at))
        return token

    def end(self, person_id: str) -> None:
        """Nothing can be read at the person's address any more."""
        with writing(self._engine) as session:
            session.exec(delete(CalendarFeedRow).where(col(CalendarFeedRow.person_id) == person_id))

    def person_of(self, token: str) -> str | None:
        """Whose calendar a secret opens."""
        with reading(self._engine) as session:
            return session.exec(
                select(CalendarFeedRow.person_id).where(CalendarFeedRow.digest == _digest(token))
            ).first()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
