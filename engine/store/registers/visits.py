"""Visits to the pages that were ended: one by signing out, all of a person's when they wish so.

A visit is a signed cookie, which nobody can take back from a browser; so what was ended is kept here and asked for.
"""

from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from engine.store.database import reading, writing
from engine.store.tables_access import EndedVisitRow


class Visits:
    """Of one database; every method blocks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def end(self, visit: str, at: datetime) -> None:
        """Ends one."""
        self._put(f"visit/{visit}", at)

    def end_all(self, person: str, at: datetime) -> None:
        """Ends every visit that a person began before `at`."""
        self._put(f"person/{person}", at)

    def end_led(self, session: str, at: datetime) -> None:
        """Ends all that one session at the provider led to.

        Args:
            session: what the visit keeps of it.
            at: now.
        """
        self._put(f"provider/{session}", at)

    def is_ended(self, visit: str, person: str, since: int, led_by: str = "") -> bool:
        """Whether a visit is over.

        Args:
            visit: its id.
            person: whose.
            since: when it began, in epoch seconds.
            led_by: the session at the provider that led to it.
        """
        keys = (f"visit/{visit}", f"person/{person}", f"provider/{led_by}")
        with reading(self._engine) as session:
            ended = dict(
                session.exec(
                    select(EndedVisitRow.key, EndedVisitRow.at).where(col(EndedVisitRow.key).in_(keys))
                ).all()
            )
        if keys[0] in ended or (led_by and keys[2] in ended):
            return True
        all_of_them = ended.get(keys[1])
        return all_of_them is not None and datetime.fromtimestamp(since + 1, UTC) <= all_of_them

    def is_spent(self, nonce: str) -> bool:
        """Whether a one-time address was used."""
        with reading(self._engine) as session:
            return session.get(EndedVisitRow, f"once/{nonce}") is not None

    def spend(self, nonce: str, at: datetime) -> bool:
        """Notes that a one-time address is used; False when it was already, also by somebody else at this moment."""
        try:
            with writing(self._engine) as session:
                session.add(EndedVisitRow(key=f"once/{nonce}", at=at))
        except IntegrityError:
            return False
        return True

    def _put(self, key: str, at: datetime) -> None:
        with writing(self._engine) as session:
            session.merge(EndedVisitRow(key=key, at=at))
