"""One line of a webhook's log, as it is shown."""

from datetime import datetime

from pydantic import BaseModel, Field

from engine.domain.notices.webhooks import DeliveryKind, DeliveryStatus
from engine.store.tables_outgoing import DeliveryRow


class DeliveryView(BaseModel):
    """One line of the log: an event, a test or a redelivery, with what came of its last attempt."""

    n: int
    kind: DeliveryKind
    event_id: str = Field(description="the `webhook-id` header; `cycle/seq` for an event")
    type: str
    status: DeliveryStatus
    attempts: int
    http_status: int | None
    error: str | None
    answer: str | None = Field(description="the beginning of the receiver's answer")
    took_ms: int | None
    first_at: datetime
    last_at: datetime | None
    next_try_at: datetime | None
    skipped_by: str | None = Field(description="the administrator who had it stepped over")
    skipped_because: str | None


def delivery_view(row: DeliveryRow) -> DeliveryView:
    """The line of a row."""
    return DeliveryView(
        n=row.number or 0,
        kind=DeliveryKind(row.kind),
        event_id=row.event_id,
        type=row.type,
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        http_status=row.http_status,
        error=row.error,
        answer=row.answer,
        took_ms=row.took_ms,
        first_at=row.first_at,
        last_at=row.last_at,
        next_try_at=row.next_try_at,
        skipped_by=row.skipped_by,
        skipped_because=row.skipped_because,
    )
