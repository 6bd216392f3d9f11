"""A webhook steps over one event: its receiver refuses it, or nobody wants it any more. Always on record.

Deliveries go in order, so an event that a receiver never takes would hold up all that follow.
"""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, select

from engine.domain.errors import conflict
from engine.domain.ledger.facts import WebhookEventSkipped, Write, of_command
from engine.domain.notices.webhooks import DeliveryKind, DeliveryStatus
from engine.store.hash_chain import lock
from engine.store.ledger_rows import webhook_stream
from engine.store.record.ledger import Ledger
from engine.store.tables_outgoing import DeliveryRow, WebhookRow


class SkipAsked(NamedTuple):
    """Who wants it stepped over, why, and under which key; `unwanted` when the webhook chose other events."""

    by: str
    reason: str | None
    command_id: str | None
    unwanted: bool = False


def step_over(  # noqa: PLR0913, PLR0917 - two rows, who asks, and where it is written
    session: Session, ledger: Ledger, webhook: WebhookRow, row: DeliveryRow, asked: SkipAsked, now: datetime
) -> None:
    """Marks the delivery, lets the webhook go on behind it, and writes the fact; the same key again changes nothing.

    Raises:
        DomainError: `delivery_not_waiting`: it was delivered, stepped over, or is a test or a repetition.
    """
    lock(session)
    stream = webhook_stream(webhook.id)
    known = ledger.standing(session, stream)
    fact = WebhookEventSkipped(
        event_id=row.event_id, event_type=row.type, reason=asked.reason, unwanted=asked.unwanted
    )
    if any(entry.data == fact for entry in of_command(known, asked.command_id)):
        return
    if row.kind != DeliveryKind.EVENT.value or row.status != DeliveryStatus.WAITING.value:
        raise conflict("delivery_not_waiting", n=str(row.number), status=row.status)
    row.status, row.next_try_at = DeliveryStatus.SKIPPED.value, None
    row.skipped_by, row.skipped_because, row.last_at = asked.by, asked.reason, now
    webhook.position = max(webhook.position, row.position)
    ledger.write(
        session,
        Write(stream=stream, after=len(known), facts=(fact,), actor=asked.by, command_id=asked.command_id),
    )


def in_turn(session: Session, webhook_id: str) -> DeliveryRow | None:
    """The event that the webhook waits for its receiver to take."""
    return session.exec(
        select(DeliveryRow).where(
            DeliveryRow.webhook_id == webhook_id,
            DeliveryRow.kind == DeliveryKind.EVENT.value,
            DeliveryRow.status == DeliveryStatus.WAITING.value,
        )
    ).first()
