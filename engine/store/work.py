"""What a person's header shows: how many decisions wait for them, without reading the cycles themselves."""

from sqlalchemy import Engine
from sqlmodel import select

from engine.domain.organisation import PostRef
from engine.store.database import reading
from engine.store.directory import Facts
from engine.store.tables import WaitingRow


def waiting_count(engine: Engine, person_id: str, facts: Facts) -> int:
    """How many cycles wait for this person's decision today."""
    organisation, today = facts.organisation, facts.today
    with reading(engine) as session:
        rows = session.exec(select(WaitingRow.cycle_id, WaitingRow.post, WaitingRow.owner)).all()
    mine = {
        (post, owner)
        for post, owner in {(post, owner) for _, post, owner in rows}
        if organisation.acts_for(person_id, [PostRef.parse(post)], today, owner)
    }
    return len({cycle_id for cycle_id, post, owner in rows if (post, owner) in mine})
