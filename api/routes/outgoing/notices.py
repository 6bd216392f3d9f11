"""Notices: what one was told, how one wants to be told; administrators see the whole outbox."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.auth import Caller, SignedIn
from api.container import AtDesk, Desk
from api.http.paging import Cursor, Limit, Page, encoded, number_before
from api.http.parameters import Number
from api.http.responses import IdempotencyKey, answer, problems
from api.schemas.requests import Asked
from engine.domain.errors import not_found
from engine.domain.notices.preferences import Channel, Digest, Preferences, SendingStatus
from engine.domain.notices.recipients import NoticeFacts, NoticeKind, Said
from engine.language.catalogues import Language
from engine.language.notices import line, link
from engine.store.tables_outgoing import NoticeRow, SendingRow

router = APIRouter(tags=["notices"])
Unread = Annotated[bool, Query(description="only what has not been read")]


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


@router.get("/me/outbox", response_model=Page[NoticeView], responses=problems(), operation_id="listMyNotices")
def mine(
    caller: SignedIn, desk: AtDesk, limit: Limit = 50, cursor: Cursor = None, unread: Unread = False
) -> Response:
    """What the caller was told, newest first. Reading this marks nothing as read."""
    rows = desk.outbox.notices(caller.id, limit + 1, caller.clearance, number_before(cursor), unread=unread)
    return _page(rows, limit, caller, desk)


@router.get("/outbox", response_model=Page[NoticeView], responses=problems(403), operation_id="listNotices")
def everybodys(
    caller: SignedIn,
    desk: AtDesk,
    limit: Limit = 50,
    cursor: Cursor = None,
    unread: Unread = False,
    person: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """What everybody was told, newest first; for administrators."""
    caller.must_be_admin()
    rows = desk.outbox.notices(person, limit + 1, caller.clearance, number_before(cursor), unread=unread)
    return _page(rows, limit, caller, desk)


@router.post("/me/outbox/{n}/read", response_model=NoticeView, responses=problems(404), operation_id="markNoticeRead")
def mark_read(n: Number, caller: SignedIn, desk: AtDesk, _idempotency_key: IdempotencyKey = None) -> Response:
    """Note that the caller has read it; a second time changes nothing."""
    row = desk.outbox.mark_read(n, caller.id, desk.directory.now())
    if row is None or (row.cycle_id and not desk.reader.readable([row.cycle_id], caller.clearance)):
        raise not_found("unknown_notice", n=str(n))
    return answer(_view(row, desk.sendings.of([n]), caller.language, desk.settings.link_url))


@router.get("/me/notices", response_model=ChoiceView, responses=problems(), operation_id="getNoticeChoice")
def choice(caller: SignedIn, desk: AtDesk) -> Response:
    """How the caller is told."""
    return answer(_choice(caller, desk.outbox.preferences(caller.id), desk.settings.channels))


@router.put("/me/notices", response_model=ChoiceView, responses=problems(), operation_id="setNoticeChoice")
def choose(asked: AskedChoice, caller: SignedIn, desk: AtDesk, _idempotency_key: IdempotencyKey = None) -> Response:
    """Choose how to be told. Whatever is chosen, the outbox has everything."""
    chosen = Preferences(channels=tuple(dict.fromkeys(asked.channels)), digest=asked.digest, language=asked.language)
    desk.outbox.choose(caller.id, chosen, desk.directory.now())
    return answer(_choice(caller, chosen, desk.settings.channels))


def _choice(caller: Caller, chosen: Preferences, available: tuple[str, ...]) -> ChoiceView:
    return ChoiceView(
        channels=list(chosen.channels),
        digest=chosen.digest,
        language=chosen.language or caller.person.locale,
        available=[Channel(name) for name in available],
    )


def _page(rows: Sequence[NoticeRow], limit: int, caller: Caller, desk: Desk) -> Response:
    shown = rows[:limit]
    sendings: dict[int, list[SendingRow]] = defaultdict(list)
    for one in desk.sendings.of([row.number or 0 for row in shown]):
        sendings[one.notice].append(one)
    url = desk.settings.link_url
    items = [_view(row, sendings[row.number or 0], caller.language, url) for row in shown]
    following = encoded((items[-1].n,)) if len(rows) > limit else None
    return answer(Page[NoticeView](items=items, next_cursor=following))


def _view(row: NoticeRow, sendings: Sequence[SendingRow], language: Language, url: str) -> NoticeView:
    facts = NoticeFacts.model_validate_json(row.content)
    said = Said(kind=NoticeKind(row.kind), facts=facts, cycle_id=row.cycle_id)
    return NoticeView(
        n=row.number or 0,
        person_id=row.person_id,
        kind=said.kind,
        text=line(said, language),
        cycle_id=row.cycle_id,
        seq=row.seq,
        url=link(said, url),
        at=row.created_at,
        read_at=row.read_at,
        sendings=[_sending(one) for one in sendings],
        facts=facts.model_dump(mode="json", exclude_defaults=True),
    )


def _sending(row: SendingRow) -> SendingView:
    waits = row.status == SendingStatus.WAITING.value
    return SendingView(
        channel=Channel(row.channel),
        status=SendingStatus(row.status),
        attempts=row.attempts,
        next_try_at=row.next_try_at if waits else None,
        error=row.error,
    )
