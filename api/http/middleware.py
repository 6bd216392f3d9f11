"""What every request passes before any route: the door, its id, size, its key against repeats, its line in the log.

A plain ASGI middleware, so that streams stay streams.
"""

import asyncio
import re
import time
from typing import Protocol
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import NotSignedInError, let_in
from api.http import json_bodies
from api.http.idempotency import IdempotencyKeys
from api.http.methods import as_get
from api.http.part_names import with_real_names
from api.http.problems import RETRY_AFTER, problem_response, simple
from engine.domain.cycle.attachments import LARGEST as FILE
from engine.domain.errors import Category, Refusal
from engine.language.refusals import language_of
from engine.store.faults import DatabaseBusyError, is_away

LARGEST = 1_000_000
"""Bytes of a request's body."""
LARGEST_UPLOAD = FILE + 65_536
"""Bytes of a request that carries a file, with what goes around it."""
_UPLOADS = re.compile(r"/(cycles/[^/]+/(attachments|files)|imports/[a-z]+|admin/files)/?$")
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
JSON_ONLY = "default-src 'none'; frame-ancestors 'none'"

requests = Counter("spiral_http_requests_total", "Answers by method and status", ["method", "status"])
seconds = Histogram("spiral_http_request_seconds", "Time to the answer's first byte", ["method"])
log = structlog.get_logger("api.access")


class _TooLargeError(Exception):
    pass


class Door(Protocol):
    """Who stands at the door (`api.door`)."""

    def refused(self, scope: Scope) -> Response | None:
        """The answer to what goes no further, of which no body is read; None lets it through."""


class RequestMiddleware:
    """See the module."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door
        self._keys = IdempotencyKeys(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, started = Headers(scope=scope), time.perf_counter()
        request_id = _request_id(headers)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                _dress(MutableHeaders(scope=message), scope["path"], request_id)
                _note(scope, message["status"], time.perf_counter() - started, request_id)
            await send(message)

        if (stopped := self._door.refused(scope)) is not None:
            await stopped(scope, receive, sending)
            return
        if scope["method"] not in {"POST", "PUT"}:
            asked, answering = as_get(scope, sending)
            await self._app(asked, receive, answering)
            return
        try:
            largest = LARGEST_UPLOAD if _UPLOADS.search(scope["path"]) else LARGEST
            body = await _whole(receive, largest)
        except _TooLargeError:
            params = {"limit": str(largest // 1_000_000)}
            refusal = Refusal(code="too_large", category=Category.INVALID, params=params)
            refused = problem_response(refusal, language_of(headers.get("accept-language")), 413)
            await refused(scope, receive, sending)
            return
        if (wrong := json_bodies.refused(body, headers.get("content-type", ""))) is not None:
            refused = problem_response(wrong[0], language_of(headers.get("accept-language")), wrong[1])
            await refused(scope, receive, sending)
            return
        named = with_real_names(body, headers.get("content-type", ""))
        await self._with_key(scope, _again(named, receive), sending, body)

    async def _with_key(self, scope: Scope, receive: Receive, send: Send, body: bytes) -> None:
        headers = Headers(scope=scope)
        if "idempotency-key" not in headers:
            await self._app(scope, receive, send)
            return
        try:
            person = await asyncio.to_thread(_person, headers, scope)
            if person is None:  # not let in: the application says so, and no answer that was kept is theirs
                await self._app(scope, receive, send)
                return
            await self._keys.answer(scope, receive, send, person=person, body=body)
        except (SQLAlchemyError, DatabaseBusyError) as error:  # before the application was asked: it handles its own
            if not is_away(error):
                raise
            language = language_of(headers.get("accept-language"))
            await simple("database_away", 503, language, {"Retry-After": RETRY_AFTER})(scope, receive, send)


def _person(headers: Headers, scope: Scope) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return let_in(scope, token.strip())
    except NotSignedInError:
        return None


async def _whole(receive: Receive, largest: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        part = message.get("body", b"")
        size += len(part)
        if size > largest:
            raise _TooLargeError
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    told = False

    async def replay() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", given) else uuid4().hex


def _dress(headers: MutableHeaders, path: str, request_id: str) -> None:
    headers["X-Request-Id"] = request_id
    for name, value in _SECURITY.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", JSON_ONLY)
    if path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")
        headers.add_vary_header("Accept-Language")


def _note(scope: Scope, status: int, took: float, request_id: str) -> None:
    requests.labels(scope["method"], str(status)).inc()
    seconds.labels(scope["method"]).observe(took)
    if scope["path"] not in {"/healthz", "/readyz", "/metrics"} and not scope["path"].startswith("/static/"):
        log.info(
            "request", method=scope["method"], path=scope["path"], status=status, ms=round(took * 1000, 1),
            request_id=request_id,
        )  # fmt: skip
