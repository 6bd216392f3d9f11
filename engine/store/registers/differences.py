"""The differences that the reconciler found and could not mend. Workers write them, everybody else reads them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import col, delete, select

from engine.contracts.differences import Difference, DifferenceKind
from engine.store.database import reading, writing
from engine.store.tables import DifferenceRow

FRESH = timedelta(minutes=5)
"""What no worker has seen for longer is told no more: none runs, or it is mended."""


class Differences:
    """Of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def replace(self, found: Iterable[tuple[DifferenceKind, str]]) -> None:
        """What there is now; what was there before keeps since when."""
        now = datetime.now(UTC)
        with writing(self._engine) as session:
            before = {(row.kind, row.subject): row.since for row in session.exec(select(DifferenceRow))}
            session.exec(delete(DifferenceRow))
            for kind, subject in sorted(set(found)):
                since = before.get((kind.value, subject), now)
                session.add(DifferenceRow(kind=kind.value, subject=subject, since=since, seen_at=now))

    def now(self) -> list[Difference]:
        """What was seen lately, by kind and subject."""
        with reading(self._engine) as session:
            rows = session.exec(
                select(DifferenceRow)
                .where(DifferenceRow.seen_at > datetime.now(UTC) - FRESH)
                .order_by(col(DifferenceRow.kind), col(DifferenceRow.subject))
            ).all()
            return [Difference(DifferenceKind(row.kind), row.subject, row.since) for row in rows]
