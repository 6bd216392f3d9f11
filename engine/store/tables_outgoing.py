"""The tables of what leaves the house: notices, how people want them, webhooks and their deliveries.

They are records of their own, not projections: whom a notice went to depends on who held the post on that day.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from engine.store.database import UtcDateTime


def _instant(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(sa_type=UtcDateTime, nullable=nullable, index=index, default=None if nullable else ...)


class NoticeRow(SQLModel, table=True):
    """That a person was told something; `id` is made from event and person, so that a repeat adds nothing."""

    __tablename__: ClassVar[str] = "notice"
    __table_args__ = (Index("ix_notice_mine", "person_id", "number"), {"sqlite_autoincrement": True})

    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    person_id: str
    kind: str
    cycle_id: str | None = Field(default=None, index=True)
    seq: int | None = None
    content: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime = _instant()
    read_at: datetime | None = _instant(nullable=True)
    sorted_at: datetime | None = _instant(nullable=True, index=True)


class ChoiceRow(SQLModel, table=True):
    """How a person wants to be told; without a row the defaults hold."""

    __tablename__: ClassVar[str] = "notice_choice"

    person_id: str = Field(primary_key=True)
    content: str = Field(sa_column=Column(Text, nullable=False))
    changed_at: datetime = _instant()


class SendingRow(SQLModel, table=True):
    """One notice on its way over one channel: `waiting`, `sending`, `sent`, `unsure` or `given_up`."""

    __tablename__: ClassVar[str] = "notice_sending"
    __table_args__ = (Index("ix_notice_sending_due", "status", "next_try_at"),)

    notice: int = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    person_id: str = Field(index=True)
    digest: bool
    status: str
    attempts: int = 0
    first_try_at: datetime | None = _instant(nullable=True)
    next_try_at: datetime = _instant()
    changed_at: datetime = _instant()
    error: str | None = Field(default=None, sa_column=Column(Text))


class WebhookRow(SQLModel, table=True):
    """A receiver of events; `position` is how far in the journal it has everything.

    No secret is kept: it is made from the installation's key, the id and the `generation`, which a rotation raises;
    until `old_until` the generation before signs too. `rotation` names the command that made this generation. Of
    cycles that fewer may read than its `ceiling` says it is told nothing.
    """

    __tablename__: ClassVar[str] = "webhook"

    id: str = Field(primary_key=True)
    url: str = Field(sa_column=Column(Text, nullable=False))
    description: str | None = None
    events: str = Field(sa_column=Column(Text, nullable=False))
    status: str
    reason: str | None = None
    generation: int = 1
    rotation: str
    old_until: datetime | None = _instant(nullable=True)
    position: int
    ceiling: str = Field(default="office", sa_column_kwargs={"server_default": "office"})
    created_at: datetime = _instant()
    created_by: str
    changed_at: datetime = _instant()


class DeliveryRow(SQLModel, table=True):
    """One event for one webhook, with what came of it; a test and a redelivery are rows of their own."""

    __tablename__: ClassVar[str] = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id", "kind", "asked"),
        Index("ix_webhook_delivery_status", "webhook_id", "status"),
        {"sqlite_autoincrement": True},
    )

    number: int | None = Field(default=None, primary_key=True)
    webhook_id: str
    kind: str
    asked: str = ""
    event_id: str
    position: int
    type: str
    status: str
    attempts: int = 0
    http_status: int | None = None
    error: str | None = Field(default=None, sa_column=Column(Text))
    answer: str | None = Field(default=None, sa_column=Column(Text))
    took_ms: int | None = None
    first_at: datetime = _instant()
    last_at: datetime | None = _instant(nullable=True)
    next_try_at: datetime | None = _instant(nullable=True)
    skipped_by: str | None = None
    skipped_because: str | None = Field(default=None, sa_column=Column(Text))
