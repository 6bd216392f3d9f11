"""Conditions that are due soon or overdue, looked at once on every business day; their owners find a notice."""

from datetime import date, datetime

from sqlalchemy import Engine
from sqlmodel import col, select

from engine.domain.calendar import is_business_day, local_date
from engine.domain.cycle.state import CycleState
from engine.domain.notices.preferences import next_digest
from engine.domain.notices.recipients import condition_notices
from engine.store import notice_rows as outbox
from engine.store.database import writing
from engine.store.directory.directory import Directory
from engine.store.tables import CycleRow

OPEN = ("active", "on_hold")
NONE = '%"conditions":[]%'


class Conditions:
    """The daily look. One for a process, which remembers the day it has done."""

    def __init__(self, engine: Engine, directory: Directory) -> None:
        self._engine = engine
        self._directory = directory
        self._done: date | None = None

    def look(self) -> datetime:
        """Looks if it is time and not done yet; gives the time of the next look."""
        now = self._directory.now()
        facts = self._directory.facts()
        offset = facts.policy.utc_offset_minutes
        following = next_digest(now, facts.closed_days, offset)
        today = local_date(now, offset)
        if (
            today != self._done
            and today != local_date(following, offset)
            and is_business_day(today, facts.closed_days)
        ):
            tell_conditions(self._engine, self._directory, now)
            self._done = today
        return following


def tell_conditions(engine: Engine, directory: Directory, now: datetime) -> int:
    """Queues what is due on the day of `now`; asking twice on one day adds nothing.

    Returns:
        How many notices were new.
    """
    with writing(engine) as session:
        facts = directory.facts(session)
        on = local_date(now, facts.policy.utc_offset_minutes)
        query = select(CycleRow.state).where(col(CycleRow.status).in_(OPEN), col(CycleRow.state).not_like(NONE))
        rows = []
        for content in session.exec(query.execution_options(yield_per=200)):
            state = CycleState.model_validate_json(content)
            for number, notice in condition_notices(state, on):
                name = f"condition/{state.cycle_id}/{number}/{notice.kind.value}/{_period(notice.facts.due, on)}"
                rows.append(outbox.notice_row(notice, name, now, state.cycle_id))
        return outbox.add(session, rows)


def _period(due: date | None, on: date) -> str:
    """Once before it is due, once a week after it."""
    if due is None or on <= due:
        return "once"
    year, week, _ = on.isocalendar()
    return f"{year}-W{week:02}"
