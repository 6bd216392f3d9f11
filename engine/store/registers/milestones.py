"""Milestones in SQL: reports and what fell due stand in the ledger, reminders in the outbox, in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from engine.contracts.documents import ROADMAP
from engine.contracts.milestones import LookAnswer, LookAsk
from engine.domain.calendar import local_date, start_of
from engine.domain.ledger import milestones as m
from engine.domain.ledger.facts import Entry, MilestoneReminded, MilestoneReported, Write
from engine.domain.notices.recipients import Notice, NoticeFacts, NoticeKind
from engine.domain.organisation.organisation import Duty, Organisation, PostRef
from engine.domain.roadmap import Startup
from engine.store.database import reading, writing
from engine.store.directory.closed_days import closed_days
from engine.store.directory.directory import Directory
from engine.store.hash_chain import lock
from engine.store.ledger_rows import entry_of
from engine.store.notice_rows import add, notice_row
from engine.store.record.ledger import Ledger
from engine.store.tables import DocumentRow, LedgerRow
from engine.store.tables_outgoing import NoticeRow

MORNING = timedelta(hours=8, minutes=30)
"""When on a day the look is taken, so that reminders come at the beginning of work."""


class Milestones:
    """Reads and writes what happened to milestones."""

    def __init__(self, engine: Engine, directory: Directory) -> None:
        self._engine = engine
        self._directory = directory
        self._ledger = Ledger(engine, directory.now)

    def entries(self, startup: str, upto: datetime | None = None) -> tuple[Entry, ...]:
        """Everything that happened to a startup's milestones, in order; until an instant, when one is named."""
        found = self._ledger.entries(m.stream_of(startup))
        return tuple(entry for entry in found if upto is None or entry.at <= upto)

    def report(self, startup: str, fact: MilestoneReported, actor: str, command_id: str) -> None:
        """Adds a report; the same command again changes nothing."""
        stream = m.stream_of(startup)
        with writing(self._engine) as session:
            lock(session)
            write = Write(
                stream=stream, after=_length(session, stream), facts=(fact,), actor=actor, command_id=command_id
            )
            self._ledger.write(session, write)

    def look(self, ask: LookAsk) -> LookAnswer:
        """Notes what has fallen due, tells the DX team, and says when to look again."""
        with writing(self._engine) as session:
            lock(session)
            facts = self._directory.facts(session)
            startup = next((one for one in m.tracked(facts.edition) if one.code == ask.startup), None)
            if startup is None:
                return LookAnswer(gone=True)
            offset = facts.policy.utc_offset_minutes
            today = local_date(ask.at, offset)
            closed = closed_days(facts.policy.holidays_country, today.year - 1)
            stream = m.stream_of(startup.code)
            entries = _entries(session, stream)
            due = m.falls_due(startup, entries, today, closed)
            if due:
                write = Write(stream=stream, after=len(entries), facts=due, actor="system")
                entries = (*entries, *self._ledger.write(session, write))
                add(session, _notices(startup, entries[-len(due) :], facts.organisation, today, ask.at))
            following = m.next_look(startup, entries, today, closed)
        return LookAnswer(next_at=start_of(following, offset) + MORNING if following else None)

    def followed(self) -> tuple[str, ...]:
        """The startups whose milestones are to be followed."""
        return tuple(one.code for one in m.tracked(self._directory.facts().edition))

    def position(self) -> int:
        """Grows whenever the roadmap or a report changes."""
        with reading(self._engine) as session:
            edition = session.exec(select(func.max(DocumentRow.number)).where(DocumentRow.kind == ROADMAP)).one()
            said = session.exec(
                select(func.max(LedgerRow.position)).where(LedgerRow.type == "milestone_reported")
            ).one()
        return (edition or 0) + (said or 0)


def _notices(
    startup: Startup, entries: Sequence[Entry], organisation: Organisation, today: date, at: datetime
) -> Iterable[NoticeRow]:
    """To everybody who is in the DX team on that day; one line for each reminder."""
    names = {one.code: one.name for one in startup.milestones}
    team = organisation.holders(PostRef(kind="duty", duty=Duty.DX_TEAM), today)
    for entry in entries:
        fact = entry.data
        if not isinstance(fact, MilestoneReminded):
            continue
        kind = NoticeKind.MILESTONE_LATE if fact.due < fact.on else NoticeKind.MILESTONE_DUE
        said = NoticeFacts(title=f"{startup.code} {names.get(fact.milestone, fact.milestone)}", due=fact.due)
        for person in team:
            notice = Notice(person=person, kind=kind, facts=said)
            yield notice_row(notice, f"{entry.stream}/{entry.seq}", at)


def _entries(session: Session, stream: str) -> tuple[Entry, ...]:
    rows = session.exec(select(LedgerRow).where(LedgerRow.stream == stream).order_by(col(LedgerRow.seq))).all()
    return tuple(entry_of(row) for row in rows)


def _length(session: Session, stream: str) -> int:
    return session.exec(select(func.count()).select_from(LedgerRow).where(LedgerRow.stream == stream)).one()
