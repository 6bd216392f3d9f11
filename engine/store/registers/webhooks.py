"""The register of webhooks: who gets which events, and whether they do. What is on its way is in `deliveries`."""

import json
from collections.abc import Sequence
from datetime import timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine
from sqlmodel import Session, col, delete, func, or_, select, update

from engine.domain.calendar import local_date
from engine.domain.cycle.visibility import Visibility
from engine.domain.ledger.facts import WebhookEnabled, WebhookPaused
from engine.domain.notices.recipients import Notice, NoticeFacts, NoticeKind
from engine.domain.notices.webhooks import DeliveryKind, DeliveryStatus, WebhookStatus, wants
from engine.domain.organisation.organisation import Duty, PostRef
from engine.store import authority
from engine.store import notice_rows as outbox
from engine.store.database import reading, writing
from engine.store.directory.directory import Directory
from engine.store.hash_chain import lock
from engine.store.record.ledger import Ledger
from engine.store.registers.stepping_over import SkipAsked, in_turn, step_over
from engine.store.tables import JournalRow
from engine.store.tables_outgoing import DeliveryRow, WebhookRow

OLD_SECRET = timedelta(hours=24)
"""How long the secret before a rotation signs too."""


class Registration(BaseModel):
    """What a webhook is registered with; no `events` means all."""

    model_config = ConfigDict(frozen=True)

    url: str
    events: tuple[str, ...] = ()
    description: str | None = None
    ceiling: Visibility = Visibility.OFFICE


class Webhooks:
    """Reads and changes the register."""

    def __init__(self, engine: Engine, directory: Directory, ledger: Ledger) -> None:
        self._engine = engine
        self._directory = directory
        self._ledger = ledger

    def all(self) -> Sequence[WebhookRow]:
        """Every webhook, oldest first."""
        with reading(self._engine) as session:
            return session.exec(select(WebhookRow).order_by(col(WebhookRow.created_at), col(WebhookRow.id))).all()

    def get(self, webhook_id: str) -> WebhookRow | None:
        """One webhook."""
        with reading(self._engine) as session:
            return session.get(WebhookRow, webhook_id)

    def add(self, webhook_id: str, asked: Registration, by: str, rotation: str) -> WebhookRow:
        """Registers a webhook for every event from now on; the same id again gives the one that is there."""
        now = self._directory.now()
        with writing(self._engine) as session:
            lock(session)
            known = session.get(WebhookRow, webhook_id)
            if known is not None:
                return known
            row = WebhookRow(
                id=webhook_id, url=asked.url, description=asked.description, events=json.dumps(asked.events),
                ceiling=asked.ceiling.value, status=WebhookStatus.ACTIVE.value, rotation=rotation, created_at=now,
                created_by=by,
                changed_at=now, position=session.exec(select(func.max(JournalRow.position))).one() or 0,
            )  # fmt: skip
            session.add(row)
            authority.note(session, row, by, now)
            return row

    def edit(self, webhook_id: str, asked: Registration, by: str, command_id: str | None = None) -> WebhookRow | None:
        """Changes where it goes and what it gets; None when there is no such webhook.

        Both hold for the event that waits, too: one that is not wanted any more is stepped over, any other is tried
        again at once.
        """
        now = self._directory.now()
        with writing(self._engine) as session:
            row, waiting = session.get(WebhookRow, webhook_id), in_turn(session, webhook_id)
            if row is not None and waiting is not None and not wants(asked.events, waiting.type):
                gone = SkipAsked(by=by, reason=None, command_id=command_id, unwanted=True)
                step_over(session, self._ledger, row, waiting, gone, now)
            elif waiting is not None:
                waiting.next_try_at = now
        values = {"url": asked.url, "events": json.dumps(asked.events), "description": asked.description}
        values["ceiling"] = asked.ceiling.value
        return self._change(webhook_id, by, **values)

    def skip(self, webhook_id: str, number: int, asked: SkipAsked) -> DeliveryRow | None:
        """Steps over one event that waits; None when the log has no such line.

        Raises:
            DomainError: `delivery_not_waiting`.
        """
        with writing(self._engine) as session:
            webhook, row = session.get(WebhookRow, webhook_id), session.get(DeliveryRow, number)
            if webhook is None or row is None or row.webhook_id != webhook_id:
                return None
            step_over(session, self._ledger, webhook, row, asked, self._directory.now())
            return row

    def pause(self, webhook_id: str, reason: str | None, by: str = authority.SYSTEM) -> WebhookRow | None:
        """Stops delivering; what happens meanwhile is delivered later."""
        return self._change(webhook_id, by, status=WebhookStatus.PAUSED.value, reason=reason)

    def enable(self, webhook_id: str, by: str = authority.SYSTEM) -> WebhookRow | None:
        """Delivers again from where it stopped; what failed begins anew."""
        now = self._directory.now()
        with writing(self._engine) as session:
            session.exec(
                update(DeliveryRow)
                .where(col(DeliveryRow.webhook_id) == webhook_id, col(DeliveryRow.status) == DeliveryStatus.WAITING)
                .values(attempts=0, first_at=now, next_try_at=now)
            )
        return self._change(webhook_id, by, status=WebhookStatus.ACTIVE.value, reason=None)

    def rotate(self, webhook_id: str, rotation: str, by: str = authority.SYSTEM) -> WebhookRow | None:
        """A new secret; the old one signs too for a day. The same rotation again changes nothing."""
        row = self.get(webhook_id)
        if row is None or row.rotation == rotation:
            return row
        until = self._directory.now() + OLD_SECRET
        return self._change(webhook_id, by, generation=row.generation + 1, rotation=rotation, old_until=until)

    def remove(self, webhook_id: str, by: str = authority.SYSTEM) -> bool:
        """Forgets a webhook and its log; False when there is none."""
        with writing(self._engine) as session:
            lock(session)
            session.exec(delete(DeliveryRow).where(col(DeliveryRow.webhook_id) == webhook_id))
            row = session.get(WebhookRow, webhook_id)
            if row is None:
                return False
            session.delete(row)
            authority.note_removed(session, webhook_id, by, self._directory.now())
            return True

    def deliveries(self, webhook_id: str, limit: int, before: int | None = None) -> Sequence[DeliveryRow]:
        """Up to `limit` lines of the log, newest first, those below number `before` only."""
        query = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook_id)
        if before is not None:
            query = query.where(col(DeliveryRow.number) < before)
        with reading(self._engine) as session:
            return session.exec(query.order_by(col(DeliveryRow.number).desc()).limit(limit)).all()

    def again(self, webhook_id: str, number: int, asked: str) -> DeliveryRow | None:
        """Asks for an event of the log once more; None when the log has no such line, or it is a test."""
        with reading(self._engine) as session:
            row = session.get(DeliveryRow, number)
        if row is None or row.webhook_id != webhook_id or row.kind == DeliveryKind.TEST.value:
            return None
        return self.ask(webhook_id, DeliveryKind.REDELIVERY, asked, row)

    def ask(self, webhook_id: str, kind: DeliveryKind, asked: str, again: DeliveryRow | None = None) -> DeliveryRow:
        """Asks for a test, or for an event once more, out of turn; the same `asked` again finds the first."""
        now = self._directory.now()
        event_id = again.event_id if again is not None else f"test/{webhook_id}/{asked}"
        with writing(self._engine) as session:
            known = session.exec(
                select(DeliveryRow).where(
                    DeliveryRow.webhook_id == webhook_id, DeliveryRow.kind == kind.value, DeliveryRow.asked == asked
                )
            ).first()
            if known is not None:
                return known
            row = DeliveryRow(
                webhook_id=webhook_id, kind=kind.value, asked=asked, event_id=event_id,
                position=again.position if again is not None else 0, type=again.type if again is not None else "test",
                status=DeliveryStatus.WAITING.value, first_at=now, next_try_at=now,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row

    def behind(self) -> Sequence[str]:
        """The webhooks that could be given something now: an event beyond what they have, or what was asked for."""
        now = self._directory.now()
        resting = select(DeliveryRow.webhook_id).where(
            DeliveryRow.kind == DeliveryKind.EVENT.value,
            DeliveryRow.status == DeliveryStatus.WAITING.value,
            col(DeliveryRow.next_try_at) > now,
        )
        asked = select(DeliveryRow.webhook_id).where(
            DeliveryRow.kind != DeliveryKind.EVENT.value, DeliveryRow.status == DeliveryStatus.WAITING.value
        )
        with reading(self._engine) as session:
            end = session.exec(select(func.max(JournalRow.position))).one() or 0
            return session.exec(
                select(WebhookRow.id).where(
                    or_(
                        (col(WebhookRow.status) == WebhookStatus.ACTIVE.value)
                        & (col(WebhookRow.position) < end)
                        & col(WebhookRow.id).not_in(resting),
                        col(WebhookRow.id).in_(asked),
                    )
                )
            ).all()

    def _change(self, webhook_id: str, by: str = authority.SYSTEM, **values: object) -> WebhookRow | None:
        with writing(self._engine) as session:
            lock(session)
            row = session.get(WebhookRow, webhook_id)
            if row is None:
                return None
            before, status = authority.told(row), row.status
            for name, value in values.items():
                setattr(row, name, value)
            row.changed_at = self._directory.now()
            if authority.told(row) != before:
                authority.note(session, row, by, row.changed_at)
            if row.status != status:
                _note_turned(session, row, by)
            return row


def _note_turned(session: Session, row: WebhookRow, by: str) -> None:
    stops = row.status != WebhookStatus.ACTIVE.value
    fact = WebhookPaused(reason=row.reason) if stops else WebhookEnabled()
    authority.note_turned(session, row.id, fact, by, row.changed_at)


def stop(session: Session, directory: Directory, row: WebhookRow, status: WebhookStatus, reason: str) -> None:
    """Stops a webhook by itself and tells the administrators of the day."""
    now = directory.now()
    lock(session)
    row.status, row.reason, row.changed_at = status.value, reason, now
    _note_turned(session, row, authority.SYSTEM)
    facts = directory.facts(session)
    on = local_date(now, facts.policy.utc_offset_minutes)
    admins = facts.organisation.holders(PostRef(kind="duty", duty=Duty.ADMIN), on)
    told = NoticeFacts(title=row.description or row.url, words=reason)
    name = f"webhook/{row.id}/{now:%Y%m%dT%H%M%S}"
    outbox.add(
        session,
        [
            outbox.notice_row(Notice(person=one, kind=NoticeKind.WEBHOOK_PAUSED, facts=told), name, now)
            for one in admins
        ],
    )
