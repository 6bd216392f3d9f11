"""What the reconciler asks the record: which cycles are open, how far they are, and what should have followed."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import col, func, select

from engine.domain.analytics.query import OPEN
from engine.domain.cycle.events import PlannedNext
from engine.domain.cycle.state import CycleState
from engine.domain.steps import CycleStatus
from engine.store.database import reading
from engine.store.tables import CycleRow, JournalRow

AT_ONCE = 200
"""States that are read in one go."""
SETTLED = timedelta(seconds=20)
"""How long a cycle must have ended before what should follow is looked for."""

Follower = tuple[CycleState, PlannedNext]
"""The cycle that ended, and one that it planned."""


class Reconciling:
    """Of one database; every method blocks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def position(self) -> int:
        """Where the journal ends."""
        with reading(self._engine) as session:
            return session.exec(select(func.max(JournalRow.position))).one() or 0

    def open_cycles(self) -> Mapping[str, int]:
        """Every open cycle with its revision."""
        with reading(self._engine) as session:
            rows = session.exec(select(CycleRow.id, CycleRow.revision).where(col(CycleRow.status).in_(OPEN)))
            return dict(rows.all())

    def moved_after(self, position: int) -> Mapping[str, int]:
        """The open cycles with an event after a position of the journal, with their revisions."""
        moved = select(JournalRow.cycle_id).where(col(JournalRow.position) > position).distinct()
        with reading(self._engine) as session:
            rows = session.exec(
                select(CycleRow.id, CycleRow.revision).where(
                    col(CycleRow.status).in_(OPEN), col(CycleRow.id).in_(moved)
                )
            )
            return dict(rows.all())

    def state(self, cycle_id: str) -> CycleState | None:
        """The cycle as the record has it."""
        with reading(self._engine) as session:
            row = session.get(CycleRow, cycle_id)
            return CycleState.model_validate_json(row.state) if row else None

    def open_states(self) -> Iterator[CycleState]:
        """Every open cycle, some at a time."""
        last = ""
        while True:
            asks = (
                select(CycleRow.id, CycleRow.state)
                .where(col(CycleRow.status).in_(OPEN), CycleRow.id > last)
                .order_by(CycleRow.id)
                .limit(AT_ONCE)
            )
            with reading(self._engine) as session:
                rows = session.exec(asks).all()
            if not rows:
                return
            last = rows[-1][0]
            yield from (CycleState.model_validate_json(state) for _, state in rows)

    def not_followed(self, since: datetime | None = None) -> list[Follower]:
        """What approved Shares planned and is not there: no such cycle, and nothing that flowed into another.

        Args:
            since: only of cycles that ended after it.
        """
        before = datetime.now(UTC) - SETTLED
        found: list[Follower] = []
        for states in self._completed(since, before):
            planned = [(state, one) for state in states for one in state.next_cycles]
            wanted = {one.cycle_id for _, one in planned} | {one.join for _, one in planned if one.join}
            there = self._there(wanted)
            found += [(state, one) for state, one in planned if not self._followed(state, one, there)]
        return found

    def _completed(self, since: datetime | None, before: datetime) -> Iterator[list[CycleState]]:
        last = ""
        while True:
            asks = (
                select(CycleRow.id, CycleRow.state)
                .where(
                    CycleRow.status == CycleStatus.COMPLETED.value, CycleRow.updated_at < before, CycleRow.id > last
                )
                .order_by(CycleRow.id)
                .limit(AT_ONCE)
            )
            if since is not None:
                asks = asks.where(CycleRow.updated_at > since)
            with reading(self._engine) as session:
                rows = session.exec(asks).all()
            if not rows:
                return
            last = rows[-1][0]
            yield [CycleState.model_validate_json(state) for _, state in rows]

    def _there(self, cycles: set[str]) -> set[str]:
        with reading(self._engine) as session:
            return set(session.exec(select(CycleRow.id).where(col(CycleRow.id).in_(sorted(cycles)))).all())

    def _followed(self, state: CycleState, planned: PlannedNext, there: set[str]) -> bool:
        if planned.cycle_id in there:
            return True
        if planned.join is None or planned.join not in there:
            return False
        target = self.state(planned.join)
        if target is None:
            return False
        return state.cycle_id in {*(one.parent for one in target.joined), *(one.parent for one in target.turned_away)}
