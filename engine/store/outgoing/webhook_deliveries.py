"""What a webhook gets next, and what came of it. One event at a time, in the journal's order.

How far a webhook is stands in its row, so a delivery that is repeated after a crash goes on where the record ends: an
event is sent again only when nobody knows whether it arrived, and then under the same id.
"""

import json
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select

from engine.domain.cycle.visibility import Visibility
from engine.domain.notices.preferences import retry_at
from engine.domain.notices.webhooks import (
    DeliveryKind,
    DeliveryOutcome,
    DeliveryStatus,
    DeliveryWork,
    Rest,
    WebhookStatus,
    content_told,
    gets,
    may_get,
)
from engine.store.authority import SYSTEM
from engine.store.database import writing
from engine.store.directory.directory import Directory
from engine.store.record.ledger import Ledger
from engine.store.registers.stepping_over import SkipAsked, step_over
from engine.store.registers.webhooks import stop
from engine.store.tables import CycleRow, JournalRow
from engine.store.tables_outgoing import DeliveryRow, WebhookRow

LOOKED_AT = 500
"""Journal rows read at once while looking for one that the webhook wants."""
KEPT = timedelta(days=30)
"""How long the log keeps what was delivered."""
LONGEST_PAUSE = timedelta(hours=1)
FEWER = "fewer may read the cycle now"
"""Why an event that waited is let go of."""


class Deliveries:
    """The work of one webhook after the other."""

    def __init__(self, engine: Engine, directory: Directory) -> None:
        self._engine = engine
        self._directory = directory
        self._ledger = Ledger(engine, directory.now)

    def next(self, webhook_id: str) -> DeliveryWork | Rest:
        """The request to make now; noted as under way before it is made."""
        now = self._directory.now()
        with writing(self._engine) as session:
            webhook = session.get(WebhookRow, webhook_id)
            if webhook is None:
                return Rest(status="", gone=True)
            asked = self._next_of(session, webhook, now, asked=True)
            if asked is not None:
                return _work(session, webhook, asked)
            if webhook.status != WebhookStatus.ACTIVE.value:
                return Rest(status=webhook.status)
            row = self._next_of(session, webhook, now, asked=False) or _following(session, webhook, now)
            if row is None:
                _forget(session, webhook_id, now)
                return Rest(status=webhook.status)
            if row.next_try_at is not None and row.next_try_at > now:
                return Rest(status=webhook.status, next_try_at=row.next_try_at)
            return _work(session, webhook, row)

    def _next_of(self, session: Session, webhook: WebhookRow, now: datetime, *, asked: bool) -> DeliveryRow | None:
        """What waits in the log; what the webhook may not be told of any more is let go of, and the log says so."""
        while (row := _waiting(session, webhook.id, asked=asked)) is not None and not _still_may(
            session, webhook, row
        ):
            if row.kind == DeliveryKind.EVENT.value:
                step_over(session, self._ledger, webhook, row, SkipAsked(SYSTEM, FEWER, None, unwanted=True), now)
            row.status, row.next_try_at, row.last_at, row.error = DeliveryStatus.SKIPPED.value, None, now, FEWER
            session.flush()
        return row

    def record(self, work: DeliveryWork, outcome: DeliveryOutcome) -> bool:
        """Notes what came of it; False when somebody else has noted it already."""
        now = self._directory.now()
        with writing(self._engine) as session:
            webhook, row = session.get(WebhookRow, work.webhook_id), session.get(DeliveryRow, work.number)
            if webhook is None or row is None or row.status != DeliveryStatus.WAITING.value:
                return False
            row.attempts += 1
            row.last_at, row.took_ms = now, outcome.took_ms
            row.http_status, row.error, row.answer = outcome.http_status, outcome.error, outcome.answer
            row.next_try_at = None
            in_turn = work.kind is DeliveryKind.EVENT
            if outcome.arrived:
                row.status = DeliveryStatus.DELIVERED.value
                if in_turn:
                    webhook.position = max(webhook.position, row.position)
            elif not in_turn:
                row.status = DeliveryStatus.FAILED.value
            elif outcome.http_status == 410:
                stop(session, self._directory, webhook, WebhookStatus.DISABLED, "410 Gone")
            else:
                self._again(session, webhook, row, outcome, now)
            return True

    def _again(
        self, session: Session, webhook: WebhookRow, row: DeliveryRow, outcome: DeliveryOutcome, now: datetime
    ) -> None:
        following = retry_at(row.attempts, row.first_at, now)
        if following is None:
            why = outcome.error or f"HTTP {outcome.http_status}"
            stop(session, self._directory, webhook, WebhookStatus.PAUSED, f"{why} ({row.attempts})")
            return
        wished = now + min(timedelta(seconds=outcome.retry_after or 0), LONGEST_PAUSE)
        row.next_try_at = max(following, wished)


def _waiting(session: Session, webhook_id: str, *, asked: bool) -> DeliveryRow | None:
    in_turn = DeliveryKind.EVENT.value
    return session.exec(
        select(DeliveryRow)
        .where(
            DeliveryRow.webhook_id == webhook_id,
            DeliveryRow.status == DeliveryStatus.WAITING.value,
            col(DeliveryRow.kind) != in_turn if asked else col(DeliveryRow.kind) == in_turn,
        )
        .order_by(col(DeliveryRow.number))
        .limit(1)
    ).first()


def _still_may(session: Session, webhook: WebhookRow, row: DeliveryRow) -> bool:
    if not row.position:
        return True
    asks = (
        select(CycleRow.circle)
        .join(JournalRow, col(JournalRow.cycle_id) == col(CycleRow.id))
        .where(JournalRow.position == row.position)
    )
    return may_get(Visibility(webhook.ceiling), session.exec(asks).first())


def _following(session: Session, webhook: WebhookRow, now: datetime) -> DeliveryRow | None:
    """The next event that the webhook wants and may get, put down in its log; any other is passed over."""
    wanted, ceiling = json.loads(webhook.events), Visibility(webhook.ceiling)
    while True:
        rows = session.exec(
            select(JournalRow.position, JournalRow.cycle_id, JournalRow.seq, JournalRow.type, CycleRow.circle)  # type: ignore[call-overload]
            .join(CycleRow, col(CycleRow.id) == col(JournalRow.cycle_id), isouter=True)
            .where(col(JournalRow.position) > webhook.position)
            .order_by(col(JournalRow.position))
            .limit(LOOKED_AT)
        ).all()
        for position, cycle_id, seq, kind, circle in rows:
            if gets(wanted, ceiling, kind, circle):
                row = DeliveryRow(
                    webhook_id=webhook.id, kind=DeliveryKind.EVENT.value, event_id=f"{cycle_id}/{seq}",
                    position=position or 0, type=kind, status=DeliveryStatus.WAITING.value, first_at=now,
                    next_try_at=now,
                )  # fmt: skip
                session.add(row)
                session.flush()
                return row
        if not rows:
            return None
        webhook.position = rows[-1][0] or 0


def _work(session: Session, webhook: WebhookRow, row: DeliveryRow) -> DeliveryWork:
    entry = session.get(JournalRow, row.position) if row.position else None
    return DeliveryWork(
        number=row.number or 0,
        url=webhook.url,
        webhook_id=webhook.id,
        generation=webhook.generation,
        old_until=webhook.old_until,
        event_id=row.event_id,
        type=row.type,
        kind=DeliveryKind(row.kind),
        created_at=entry.at if entry else row.first_at,
        event=content_told(Visibility(webhook.ceiling), entry.content) if entry else None,
        cycle_id=entry.cycle_id if entry else None,
        hash=entry.hash if entry else None,
    )


def _forget(session: Session, webhook_id: str, now: datetime) -> None:
    session.exec(
        delete(DeliveryRow).where(
            col(DeliveryRow.webhook_id) == webhook_id,
            col(DeliveryRow.status) != DeliveryStatus.WAITING.value,
            col(DeliveryRow.first_at) < now - KEPT,
        )
    )
