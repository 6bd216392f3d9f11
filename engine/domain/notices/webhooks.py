"""Which events a webhook gets, what of them it is told, and what its states mean. Pure."""

import json
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import get_args

from engine.domain.access.reading import Circle, without_draft
from engine.domain.base import Frozen
from engine.domain.cycle.events import EventData
from engine.domain.cycle.visibility import Visibility
from engine.domain.upcasters import told

TYPE_PREFIX = "jp.dxspiral.cycle."
"""CloudEvents types are reverse-DNS names: this, then the event's own type."""
TEST_TYPE = "jp.dxspiral.webhook.test"
EVENT_TYPES: tuple[str, ...] = tuple(
    sorted(str(one.model_fields["type"].default) for one in get_args(get_args(EventData)[0]))
)
"""Every type an event can have."""


class WebhookStatus(StrEnum):
    """`active` delivers; `paused` by a person or after three days of failing; `disabled` by the receiver (410)."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


class DeliveryKind(StrEnum):
    """An event in its turn, or what somebody asked for out of turn."""

    EVENT = "event"
    TEST = "test"
    REDELIVERY = "redelivery"


class DeliveryStatus(StrEnum):
    """`waiting` for its first or next attempt, `delivered`, `failed` for good, `skipped` by a person."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"


def short_type(name: str) -> str | None:
    """An event's type by its short or its CloudEvents name; None when there is no such event."""
    short = name.removeprefix(TYPE_PREFIX)
    return short if short in EVENT_TYPES else None


def wants(events: Collection[str], kind: str) -> bool:
    """Whether a webhook that chose `events` (none chosen means all) gets one of `kind`."""
    return not events or kind in events


def gets(events: Collection[str], ceiling: Visibility, kind: str, circle: str | None) -> bool:
    """Whether a webhook is told of an event of `kind`, about a cycle that may be read so far."""
    return wants(events, kind) and may_get(ceiling, circle)


def may_get(ceiling: Visibility, circle: str | None) -> bool:
    """Whether a webhook may be told of a cycle that may be read so far; drafts only at the highest ceiling.

    Of which nobody knows how far it may be read is treated as a draft.
    """
    reached = {Visibility.OFFICE: {Circle.EVERYBODY}, Visibility.CONCERNED: {Circle.EVERYBODY, Circle.CONCERNED}}
    return ceiling is Visibility.RESTRICTED or Circle(circle or Circle.DRAFT) in reached[ceiling]


def content_told(ceiling: Visibility, content: str) -> str:
    """What a webhook is told of an event that it gets.

    At the highest ceiling the very text of the journal, so that its hash can be recomputed; else without what is
    still being written.
    """
    if ceiling is Visibility.RESTRICTED:
        return content
    event = told(content)
    return json.dumps(event | {"data": without_draft(event["data"])}, ensure_ascii=False)


class DeliveryWork(Frozen):
    """One request to make; `event` is JSON as the journal has it, None for a test."""

    number: int
    url: str
    webhook_id: str
    generation: int
    old_until: datetime | None
    event_id: str
    type: str
    kind: DeliveryKind
    created_at: datetime
    event: str | None
    cycle_id: str | None
    hash: str | None


class Rest(Frozen):
    """Nothing to send now."""

    status: str
    next_try_at: datetime | None = None
    gone: bool = False


class DeliveryOutcome(Frozen):
    """What came of one request: a status, or why there is none; `retry_after` is the receiver's wish in seconds."""

    http_status: int | None = None
    error: str | None = None
    answer: str | None = None
    took_ms: int = 0
    retry_after: int | None = None

    @property
    def arrived(self) -> bool:
        """Whether the receiver took it."""
        return self.error is None and self.http_status is not None and 200 <= self.http_status < 300
