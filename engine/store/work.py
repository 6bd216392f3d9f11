"""What a person's header shows: how many decisions wait for them, without reading the cycles themselves."""

from sqlalchemy import ColumnElement, Engine, and_, or_
from sqlmodel import col, select

from engine.domain.organisation import PostRef
from engine.store.database import reading
from engine.store.directory import Facts
from engine.store.tables import WaitingRow

MANY = 200
"""Posts asked about at once: both databases limit how large a query may be."""


def waiting_count(engine: Engine, person_id: str, facts: Facts) -> int:
    """How many cycles wait for this person's decision today."""
    organisation, today = facts.organisation, facts.today
    with reading(engine) as session:
        pairs = session.exec(select(WaitingRow.post, WaitingRow.owner).distinct()).all()
        mine = [
            (post, owner)
            for post, owner in pairs
            if organisation.acts_for(person_id, [PostRef.parse(post)], today, owner)
        ]
        waiting: set[str] = set()
        for start in range(0, len(mine), MANY):
            meant = (_is(post, owner) for post, owner in mine[start : start + MANY])
            waiting.update(session.exec(select(WaitingRow.cycle_id).where(or_(*meant)).distinct()))
    return len(waiting)


def _is(post: str, owner: str) -> ColumnElement[bool]:
    return and_(col(WaitingRow.post) == post, col(WaitingRow.owner) == owner)
