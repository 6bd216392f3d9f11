"""Reads what people decided: one person's history, and how long posts usually take."""

from collections.abc import Sequence
from datetime import datetime
from statistics import median

from sqlalchemy import Engine, or_
from sqlmodel import Session, and_, col, select

from engine.contracts.lists import Usual
from engine.domain.access.reading import Clearance
from engine.store.database import reading
from engine.store.readable import readable
from engine.store.tables import CycleRow, DecisionRow

ENOUGH = 3
"""Decisions of a post from which its own waiting time is told; below, everybody's is."""
LOOKED_AT = 200
"""The latest decisions that count."""


class History:
    """Reads the table of decisions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def decided(
        self, person: str, limit: int, clearance: Clearance, after: tuple[datetime, str, int] | None = None
    ) -> Sequence[tuple[DecisionRow, str]]:
        """A person's decisions, the newest first, each with its cycle's title.

        Who has decided may read the cycle for that. After taking a decision back it may be kept from them, and then
        it is not named.
        """
        query = select(DecisionRow, CycleRow.title).join(CycleRow, col(CycleRow.id) == col(DecisionRow.cycle_id))
        query = query.where(DecisionRow.person == person)
        if after is not None:
            at, cycle_id, seq = after
            same = col(DecisionRow.at) == at
            query = query.where(
                or_(
                    col(DecisionRow.at) < at,
                    and_(same, col(DecisionRow.cycle_id) < cycle_id),
                    and_(same, col(DecisionRow.cycle_id) == cycle_id, col(DecisionRow.seq) < seq),
                )
            )
        newest = (col(DecisionRow.at).desc(), col(DecisionRow.cycle_id).desc(), col(DecisionRow.seq).desc())
        with reading(self._engine) as session:
            there = query.where(readable(clearance))
            return session.exec(there.order_by(*newest).limit(limit)).all()

    def usual(self, posts: Sequence[str]) -> dict[str, Usual]:
        """The usual waiting time for each post; a post is missing when nothing is known at all."""
        with reading(self._engine) as session:
            overall = _latest(session, None)
            found: dict[str, Usual] = {}
            for post in posts:
                own = _latest(session, post)
                if len(own) >= ENOUGH:
                    found[post] = Usual(seconds=median(own), n=len(own), of="post")
                elif overall:
                    found[post] = Usual(seconds=median(overall), n=len(overall), of="overall")
            return found


def _latest(session: Session, post: str | None) -> Sequence[float]:
    query = select(DecisionRow.waited_seconds).where(
        col(DecisionRow.waited_seconds).is_not(None), col(DecisionRow.retracted_at).is_(None)
    )
    if post is not None:
        query = query.where(DecisionRow.waited_post == post)
    found = session.exec(query.order_by(col(DecisionRow.at).desc()).limit(LOOKED_AT)).all()
    return [seconds for seconds in found if seconds is not None]
