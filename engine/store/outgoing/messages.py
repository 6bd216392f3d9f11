"""Notices on their way out of the house: what is due for whom, and what came of it. Knows tables, no mail server.

Who claims a message notes that before it is sent. A worker that dies while sending leaves a message of which nobody
knows whether it left. It is not sent again: the outbox has it in any case, and nobody wants the same mail twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from engine.domain.access.reading import clearance_of
from engine.domain.notices.preferences import Bundle, Channel, Digest, SendingStatus, next_digest, retry_at
from engine.domain.notices.recipients import NoticeFacts, NoticeKind, Said
from engine.domain.review.facts import Facts
from engine.store.database import reading, writing
from engine.store.directory.directory import Directory
from engine.store.outbox import preferences_in
from engine.store.readable import readable_ids
from engine.store.tables import WaitingRow
from engine.store.tables_outgoing import NoticeRow, SendingRow

GAP = timedelta(seconds=60)
"""A person gets at most one message in this time over one channel; what comes meanwhile goes together."""
TOO_OLD = timedelta(days=1)
"""Notices from before the channels were set up stay in the outbox."""
LOST = timedelta(minutes=5)
"""How long a message may be on its way before it counts as `unsure`."""
AT_ONCE = 500
_CALLS = {NoticeKind.DECISION_WAITS, NoticeKind.REMINDER, NoticeKind.ESCALATED}
"""Kinds that have no point once nothing waits any more."""


class Sendings:
    """The way out.

    Args:
        available: the channels that this installation has.
        gap: see `GAP`.
    """

    def __init__(self, engine: Engine, directory: Directory, available: Sequence[str], gap: timedelta = GAP) -> None:
        self._engine = engine
        self._directory = directory
        self._available = available
        self._gap = gap

    def unsorted(self) -> bool:
        """Whether there are notices nobody has looked at yet, and a channel they could take."""
        if not self._available:
            return False
        with reading(self._engine) as session:
            query = select(NoticeRow.number).where(col(NoticeRow.sorted_at).is_(None)).limit(1)
            return session.exec(query).first() is not None

    def sort_out(self) -> None:
        """Decides for every new notice over which channels it goes, and when: as each person chose."""
        now = self._directory.now()
        with writing(self._engine) as session:
            facts = self._directory.facts(session)
            rows = session.exec(
                select(NoticeRow)
                .where(col(NoticeRow.sorted_at).is_(None))
                .order_by(col(NoticeRow.number))
                .limit(AT_ONCE)
            ).all()
            for row in rows:
                row.sorted_at = now
                if row.created_at > now - TOO_OLD:
                    session.add_all(self._sendings(session, row, facts, now))

    def claim(self) -> Bundle | None:
        """The next message, noted as on its way; None when nothing is due."""
        now = self._directory.now()
        with writing(self._engine) as session:
            self._give_up_lost(session, now)
            while True:
                first = session.exec(_due(now).limit(1)).first()
                if first is None:
                    return None
                same = (SendingRow.person_id == first.person_id, SendingRow.channel == first.channel)
                rows = session.exec(_due(now).where(*same).limit(AT_ONCE)).all()
                last: datetime | None = session.exec(
                    select(func.max(SendingRow.changed_at)).where(
                        *same, SendingRow.status == SendingStatus.SENT.value
                    )
                ).one()
                if last is not None and last + self._gap > now:
                    for row in rows:
                        row.next_try_at = last + self._gap
                    session.flush()
                    continue
                bundle = self._bundle(session, rows, now)
                if bundle is not None:
                    return bundle

    def record(self, bundle: Bundle, error: str | None) -> None:
        """Notes what came of a message: sent, or why not and when it is tried again."""
        now = self._directory.now()
        with writing(self._engine) as session:
            for row in _rows(session, bundle):
                row.changed_at, row.error = now, error
                if error is None:
                    row.status = SendingStatus.SENT.value
                    continue
                following = retry_at(row.attempts, row.first_try_at or now, now)
                row.status = (SendingStatus.WAITING if following else SendingStatus.GIVEN_UP).value
                row.next_try_at = following or now

    def next_at(self) -> datetime | None:
        """When the next message is due."""
        with reading(self._engine) as session:
            waiting = SendingRow.status == SendingStatus.WAITING.value
            return session.exec(select(func.min(SendingRow.next_try_at)).where(waiting)).one()

    def of(self, notices: Sequence[int]) -> Sequence[SendingRow]:
        """What became of these notices on their way out."""
        with reading(self._engine) as session:
            query = select(SendingRow).where(col(SendingRow.notice).in_(notices))
            return session.exec(query.order_by(col(SendingRow.notice), col(SendingRow.channel))).all()

    def _sendings(self, session: Session, notice: NoticeRow, facts: Facts, now: datetime) -> list[SendingRow]:
        chosen = preferences_in(session, notice.person_id)
        digest = chosen.digest is Digest.DAILY
        offset = facts.policy.utc_offset_minutes
        return [
            SendingRow(
                notice=notice.number or 0,
                channel=channel.value,
                person_id=notice.person_id,
                digest=digest,
                status=SendingStatus.WAITING.value,
                next_try_at=next_digest(now, facts.closed_days, offset) if digest else now,
                changed_at=now,
            )
            for channel in chosen.channels
            if channel.value in self._available
        ]

    def _bundle(self, session: Session, rows: Sequence[SendingRow], now: datetime) -> Bundle | None:
        """These sendings as one message; what has no point any more is dropped, and None when nothing is left."""
        facts = self._directory.facts(session)
        first = rows[0]
        person = facts.organisation.person(first.person_id)
        clearance = clearance_of(first.person_id, facts)

        def may_be_told(said: Said) -> bool:
            return said.cycle_id is None or bool(readable_ids(session, clearance, [said.cycle_id]))

        told: list[Said] = []
        numbers: list[int] = []
        for row in rows:
            notice = session.get_one(NoticeRow, row.notice)
            said = Said(
                kind=NoticeKind(notice.kind),
                facts=NoticeFacts.model_validate_json(notice.content),
                cycle_id=notice.cycle_id,
            )
            if told and said.facts.mailbox != told[0].facts.mailbox:
                continue  # what goes to another address as well goes alone: nobody there reads the others
            row.changed_at = now
            known = person is not None or said.facts.mailbox is not None
            if not known or notice.read_at is not None or _is_over(session, said) or not may_be_told(said):
                row.status = SendingStatus.DROPPED.value
                continue
            row.status, row.attempts = SendingStatus.SENDING.value, row.attempts + 1
            row.first_try_at = row.first_try_at or now
            told.append(said)
            numbers.append(row.notice)
        session.flush()
        if not told:
            return None
        now_at = (person.email,) if person is not None else ()
        return Bundle(
            channel=Channel(first.channel),
            person_id=first.person_id,
            name=person.name if person is not None else first.person_id,
            mailboxes=tuple(dict.fromkeys(filter(None, (*now_at, told[0].facts.mailbox)))),
            language=preferences_in(session, first.person_id).language or (person.locale if person else "ja"),
            told=tuple(told),
            numbers=tuple(numbers),
            utc_offset_minutes=facts.policy.utc_offset_minutes,
        )

    def _give_up_lost(self, session: Session, now: datetime) -> None:
        session.exec(
            update(SendingRow)
            .where(col(SendingRow.status) == SendingStatus.SENDING.value, col(SendingRow.changed_at) < now - LOST)
            .values(status=SendingStatus.UNSURE.value, error="the worker stopped while sending; it may have arrived")
        )


def _due(now: datetime) -> SelectOfScalar[SendingRow]:
    return (
        select(SendingRow)
        .where(SendingRow.status == SendingStatus.WAITING.value, col(SendingRow.next_try_at) <= now)
        .order_by(col(SendingRow.next_try_at), col(SendingRow.notice))
    )


def _rows(session: Session, bundle: Bundle) -> Sequence[SendingRow]:
    return session.exec(
        select(SendingRow).where(
            col(SendingRow.notice).in_(bundle.numbers),
            SendingRow.channel == bundle.channel.value,
            SendingRow.status == SendingStatus.SENDING.value,
        )
    ).all()


def _is_over(session: Session, said: Said) -> bool:
    """Whether it asks for a decision that does not wait any more."""
    if said.kind not in _CALLS or said.cycle_id is None:
        return False
    query = select(WaitingRow.post).where(WaitingRow.cycle_id == said.cycle_id).limit(1)
    return session.exec(query).first() is None
