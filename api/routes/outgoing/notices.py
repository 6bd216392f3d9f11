"""Notices: what one was told, how one wants to be told; administrators see the whole outbox."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, Page
from api.http.parameters import Number
from api.http.responses import IdempotencyKey, answer, problems
from api.schemas.notices import AskedChoice, ChoiceView, NoticeView
from api.services.outgoing import notices as service

router = APIRouter(tags=["notices"])
Unread = Annotated[bool, Query(description="only what has not been read")]


@router.get("/me/outbox", response_model=Page[NoticeView], responses=problems(), operation_id="listMyNotices")
def mine(
    caller: SignedIn, desk: AtDesk, limit: Limit = 50, cursor: Cursor = None, unread: Unread = False
) -> Response:
    """What the caller was told, newest first. Reading this marks nothing as read."""
    return answer(service.mine(caller, desk, limit, cursor, unread=unread))


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
    return answer(service.everybodys(caller, desk, limit, cursor, unread=unread, person=person))


@router.post("/me/outbox/{n}/read", response_model=NoticeView, responses=problems(404), operation_id="markNoticeRead")
def mark_read(n: Number, caller: SignedIn, desk: AtDesk, _idempotency_key: IdempotencyKey = None) -> Response:
    """Note that the caller has read it; a second time changes nothing."""
    return answer(service.mark_read(n, caller, desk))


@router.get("/me/notices", response_model=ChoiceView, responses=problems(), operation_id="getNoticeChoice")
def choice(caller: SignedIn, desk: AtDesk) -> Response:
    """How the caller is told."""
    return answer(service.choice(caller, desk))


@router.put("/me/notices", response_model=ChoiceView, responses=problems(), operation_id="setNoticeChoice")
def choose(asked: AskedChoice, caller: SignedIn, desk: AtDesk, _idempotency_key: IdempotencyKey = None) -> Response:
    """Choose how to be told. Whatever is chosen, the outbox has everything."""
    return answer(service.choose(asked, caller, desk))
