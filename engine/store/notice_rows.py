"""Notices as rows: one for each person and thing, so that a repeat adds nothing. Must not know whom to tell."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from engine.domain.notices.recipients import Notice
from engine.store.tables_outgoing import NoticeRow


def add(session: Session, rows: Iterable[NoticeRow]) -> int:
    """Adds the notices that are not there yet; gives how many."""
    fresh = {row.id: row for row in rows}
    if not fresh:
        return 0
    known = set(session.exec(select(NoticeRow.id).where(col(NoticeRow.id).in_(fresh))).all())
    new = [row for name, row in fresh.items() if name not in known]
    session.add_all(new)
    session.flush()
    return len(new)


def notice_row(
    notice: Notice, name: str, at: datetime, cycle_id: str | None = None, seq: int | None = None
) -> NoticeRow:
    """A notice as it is kept."""
    return NoticeRow(
        id=f"{name}/{notice.person}",
        person_id=notice.person,
        kind=notice.kind.value,
        cycle_id=cycle_id,
        seq=seq,
        content=notice.facts.model_dump_json(exclude_defaults=True),
        created_at=at,
    )
