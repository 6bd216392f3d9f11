"""What a person has decided, from the journal."""

from collections.abc import Sequence

from sqlalchemy import Engine
from sqlmodel import col, select

from engine.store.database import reading
from engine.store.tables import CycleRow, JournalRow

DECISIONS = ("stage_voted", "step_returned", "cycle_rejected", "review_held")


def decisions_of(engine: Engine, person_id: str, limit: int) -> Sequence[tuple[JournalRow, str]]:
    """The person's latest decisions, each with its cycle's title."""
    query = (
        select(JournalRow, CycleRow.title)
        .join(CycleRow, col(CycleRow.id) == col(JournalRow.cycle_id))
        .where(JournalRow.actor == person_id, col(JournalRow.type).in_(DECISIONS))
        .order_by(col(JournalRow.position).desc())
        .limit(limit)
    )
    with reading(engine) as session:
        return [(row, title) for row, title in session.exec(query).all()]
