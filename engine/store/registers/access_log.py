"""The access log: written beside what is done, searched by auditors, forgotten after the settings' time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import ColumnElement, Engine
from sqlmodel import col, delete, select

from engine.domain.access.log import AccessAct, AccessAsked, Accessed
from engine.store.database import reading, writing
from engine.store.tables_access import AccessLogRow

AGAIN = timedelta(minutes=10)
"""Reading the same once more within this time is no new line."""
MOST_KEPT = 5000
PAGE = 1000
A_DAY = timedelta(days=1)


class AccessLog:
    """Of one database; every method blocks.

    Args:
        engine: where it is.
        days: how long a line is kept.
    """

    def __init__(self, engine: Engine, days: int) -> None:
        self._engine = engine
        self._days = days
        self._lock = Lock()
        self._lately: dict[tuple[str, str], datetime] = {}
        self._forgot: datetime | None = None

    def note(self, act: AccessAct, person: str, at: datetime, subject: str = "", detail: str = "") -> None:
        """Writes one line; once a day what is too old goes with it."""
        with writing(self._engine) as session:
            session.add(AccessLogRow(at=at, person=person, act=act.value, subject=subject, detail=detail))
            if self._forgot is None or at - self._forgot > A_DAY:
                session.exec(delete(AccessLogRow).where(col(AccessLogRow.at) < at - timedelta(days=self._days)))
                self._forgot = at

    def note_reading(self, person: str, cycle: str, at: datetime) -> None:
        """Writes that somebody read what few may read, and not again for every page they open of it."""
        with self._lock:
            last = self._lately.get((person, cycle))
            if last is not None and at - last < AGAIN:
                return
            if len(self._lately) > MOST_KEPT:
                self._lately = {}
            self._lately[person, cycle] = at
        self.note(AccessAct.READ_RESTRICTED, person, at, cycle)

    def found(self, asked: AccessAsked, limit: int, before: int | None = None) -> list[Accessed]:
        """Up to `limit` lines, newest first, those below number `before` only."""
        query = select(AccessLogRow).where(*_conditions(asked))
        if before is not None:
            query = query.where(col(AccessLogRow.number) < before)
        with reading(self._engine) as session:
            rows = session.exec(query.order_by(col(AccessLogRow.number).desc()).limit(limit)).all()
            return [Accessed.model_validate(row.model_dump()) for row in rows]

    def every(self, asked: AccessAsked) -> Iterator[Accessed]:
        """All lines, newest first, some at a time."""
        before = None
        while page := self.found(asked, PAGE, before):
            yield from page
            before = page[-1].number


def _conditions(asked: AccessAsked) -> Iterator[ColumnElement[bool]]:
    for name in ("person", "act", "subject"):
        if (value := getattr(asked, name)) is not None:
            yield getattr(AccessLogRow, name) == str(value)
    if asked.since is not None:
        yield col(AccessLogRow.at) >= asked.since
    if asked.until is not None:
        yield col(AccessLogRow.at) <= asked.until
