"""The outbox: every notice lands here, in the transaction of the event that caused it; people read their own.

Knows tables and the directory; must not know mail servers, and whom to tell is decided in
`engine.domain.notices.recipients`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Engine, or_
from sqlmodel import Session, col, select

from engine.domain.access.reading import Clearance, reads
from engine.domain.calendar import local_date
from engine.domain.cycle.walk import Passage
from engine.domain.notices.preferences import Preferences
from engine.domain.notices.recipients import concerns_somebody, notices_of
from engine.store.database import reading, writing
from engine.store.directory.directory import Directory
from engine.store.notice_rows import add, notice_row
from engine.store.readable import is_readable
from engine.store.tables_outgoing import ChoiceRow, NoticeRow

log = structlog.get_logger(__name__)


def queue(session: Session, directory: Directory, passages: Sequence[Passage]) -> None:
    """Queues whatever is worth telling of what happened on the way, in the caller's transaction.

    A notice is never a reason to keep an event out of the journal: what cannot be worked out is logged and left.
    """
    if not any(concerns_somebody(event, after.owner) for _, event, after in passages):
        return
    try:
        rows = list(_rows(session, directory, passages))
    except Exception:
        log.exception("notices not worked out", events=[event.data.type for _, event, _ in passages])
        return
    add(session, rows)


def _rows(session: Session, directory: Directory, passages: Sequence[Passage]) -> Iterable[NoticeRow]:
    facts = directory.facts(session)
    if not facts.organisation.units:
        return
    for before, event, after in passages:
        if concerns_somebody(event, after.owner):
            on = local_date(event.at, facts.policy.utc_offset_minutes)
            for notice in notices_of(event, before, after, facts.organisation, on):
                if not any(reads(notice.person, one, facts) for one in (after, before) if one is not None):
                    continue
                yield notice_row(notice, f"{after.cycle_id}/{event.seq}", event.at, after.cycle_id, event.seq)


class Outbox:
    """Reads notices, and keeps what people chose."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def notices(
        self,
        person_id: str | None,
        limit: int,
        clearance: Clearance,
        before: int | None = None,
        *,
        unread: bool = False,
    ) -> Sequence[NoticeRow]:
        """Up to `limit` notices of one person, or of everybody, newest first, those below number `before` only.

        What was told of a cycle goes with it: who may not read it any more is not shown the notice either.
        """
        query = select(NoticeRow).order_by(col(NoticeRow.number).desc()).limit(limit)
        if person_id is not None:
            query = query.where(NoticeRow.person_id == person_id)
        if before is not None:
            query = query.where(col(NoticeRow.number) < before)
        if unread:
            query = query.where(col(NoticeRow.read_at).is_(None))
        with reading(self._engine) as session:
            about = col(NoticeRow.cycle_id)
            return session.exec(query.where(or_(about.is_(None), is_readable(clearance, about)))).all()

    def mark_read(self, number: int, person_id: str, at: datetime) -> NoticeRow | None:
        """Notes that the person has seen it; None when it is not theirs. The first time counts."""
        with writing(self._engine) as session:
            row = session.get(NoticeRow, number)
            if row is None or row.person_id != person_id:
                return None
            row.read_at = row.read_at or at
            return row

    def preferences(self, person_id: str) -> Preferences:
        """What the person chose, or the defaults."""
        with reading(self._engine) as session:
            return preferences_in(session, person_id)

    def choose(self, person_id: str, chosen: Preferences, at: datetime) -> None:
        """Keeps the person's choice."""
        content = chosen.model_dump_json()
        with writing(self._engine) as session:
            row = session.get(ChoiceRow, person_id)
            if row is None:
                session.add(ChoiceRow(person_id=person_id, content=content, changed_at=at))
            else:
                row.content, row.changed_at = content, at


def preferences_in(session: Session, person_id: str) -> Preferences:
    """See `Outbox.preferences`."""
    row = session.get(ChoiceRow, person_id)
    return Preferences.model_validate_json(row.content) if row is not None else Preferences()
