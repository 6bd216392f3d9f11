"""Reads what people wrote into a cycle, and its life: rows that were made with the journal, so nothing is folded."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import Engine
from sqlalchemy import select as choose
from sqlmodel import Session, col, select

from engine.contracts.lists import Remark
from engine.domain.analytics.history import Moment
from engine.domain.cycle.events import Commented, Event
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.versions import Outcome, Version, is_in_review, versions
from engine.store.database import reading
from engine.store.projections.history import HISTORY
from engine.store.projections.written import version_in
from engine.store.tables import JournalRow
from engine.store.tables_written import CommentRow, SubmissionRow

MANY = 400
"""Ids asked about at once: both databases limit how many a query may name."""


class WrittenReader:
    """Reads of cycles that somebody has seen that they may read.

    While releases change, an earlier one writes events without their rows. The state says how many there are, so
    what is missing is read from the journal until the projections are made anew.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def comments(self, state: CycleState) -> tuple[Remark, ...]:
        """What people said, the oldest first."""
        if not state.comments:
            return ()
        with reading(self._engine) as session:
            rows = session.exec(
                select(CommentRow).where(CommentRow.cycle_id == state.cycle_id).order_by(col(CommentRow.seq))
            ).all()
            if len(rows) >= state.comments:
                return tuple(Remark(by=one.by, at=one.at, text=one.text) for one in rows)
            events = _events(session, state.cycle_id, "commented")
        return tuple(
            Remark(by=one.actor, at=one.at, text=one.data.text) for one in events if isinstance(one.data, Commented)
        )

    def submissions(self, state: CycleState) -> tuple[Version, ...]:
        """Every submission, the oldest first, with what became of it."""
        if not state.round:
            return ()
        with reading(self._engine) as session:
            rows = session.exec(
                select(SubmissionRow).where(SubmissionRow.cycle_id == state.cycle_id).order_by(col(SubmissionRow.n))
            ).all()
            if _are_all(rows, state):
                return tuple(version_in(one) for one in rows)
            return versions(_events(session, state.cycle_id))

    def lives(self, cycles: Iterable[str]) -> dict[str, tuple[Moment, ...]]:
        """Where each cycle stood from when to when, in order."""
        wanted, found = sorted(set(cycles)), dict[str, tuple[Moment, ...]]()
        with reading(self._engine) as session:
            for start in range(0, len(wanted), MANY):
                query = choose(*(HISTORY.c[name] for name in Moment._fields))
                query = query.where(HISTORY.c.cycle_id.in_(wanted[start : start + MANY]))
                ordered = query.order_by(HISTORY.c.cycle_id, HISTORY.c.since)
                moments = (Moment._make(row) for row in session.connection().execute(ordered))
                found |= {name: tuple(some) for name, some in groupby(moments, lambda one: one.cycle_id)}
        return found


def _are_all(rows: Sequence[SubmissionRow], state: CycleState) -> bool:
    """Whether there is one for each round, and only the one in review has no outcome."""
    pending = [row.n for row in rows if row.outcome == Outcome.IN_REVIEW.value]
    return len(rows) == state.round and pending == ([state.round] if is_in_review(state) else [])


def _events(session: Session, cycle_id: str, kind: str | None = None) -> list[Event]:
    query = select(JournalRow.content).where(JournalRow.cycle_id == cycle_id)
    if kind is not None:
        query = query.where(JournalRow.type == kind)
    found = session.exec(query.order_by(col(JournalRow.seq))).all()
    return [Event.model_validate_json(content) for content in found]
