"""What is said of notices, and how somebody chooses to be told."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.schemas.requests import Asked
from engine.domain.notices.preferences import Channel, Digest, SendingStatus
from engine.domain.notices.recipients import NoticeKind


class SendingView(BaseModel):
    """What became of a notice on one channel."""

    channel: Channel
    status: SendingStatus
    attempts: int
    next_try_at: datetime | None
    error: str | None


class NoticeView(BaseModel):
    """One thing somebody was told; `url` is a page to look at, and opening it decides nothing."""

    n: int
    person_id: str
    kind: NoticeKind
    text: str = Field(description="one line in the caller's language")
    cycle_id: str | None
    seq: int | None = Field(description="the event of the cycle that caused it")
    url: str
    at: datetime
    read_at: datetime | None
    sendings: list[SendingView] = Field(description="on its way by mail or chat; empty when it only stands here")
    facts: dict[str, Any] = Field(description="title, step, round, by, on_behalf_of, words, due_at: what is known")


class ChoiceView(BaseModel):
    """How a person is told, and which channels this installation has."""

    channels: list[Channel]
    digest: Digest
    language: Literal["ja", "en"]
    available: list[Channel] = Field(description="channels that the administrator has set up")


class AskedChoice(Asked):
    """How to tell me: no channel leaves the outbox alone; language null is the organisation's record."""

    channels: Annotated[tuple[Channel, ...], Field(max_length=2)]
    digest: Digest = Digest.IMMEDIATELY
    language: Literal["ja", "en"] | None = None
