"""What every request passes before any route: the door, its id, size, its key against repeats, its line in the log.

A plain ASGI middleware, so that streams stay streams.
"""

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import json_bodies
from api.http.idempotency import IdempotencyKeys
from api.http.methods import as_get
from api.http.part_names import with_real_names
from api.http.problems import API, RETRY_AFTER, plainly, problem_response, simple
from api.http.transport import behind_tls
from engine.domain.cycle.attachments import LARGEST as FILE
from engine.language.refusals import language_of
from engine.store.faults import DatabaseBusyError, is_away

LARGEST = 1_000_000
"""Bytes of a request's body."""
LARGEST_UPLOAD = FILE + 65_536
"""Bytes of a request that carries a file, with what goes around it."""
PATIENCE = 30.0
"""Seconds to wait for the next part of a body."""
_UPLOADS = re.compile(r"/(cycles/[^/]+/(attachments|files)|imports/[a-z]+|admin/files)/?$")
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_OURS_FOR_ALL = ("/static/", "/docs/assets/")
"""Files that hold nothing of the city: the only ones that may be kept by whoever passes them on."""
HSTS = "max-age=31536000"
"""RFC 6797: a browser that has been here over TLS comes no other way for a year."""
JSON_ONLY = "default-src 'none'; frame-ancestors 'none'"

requests = Counter("spiral_http_requests_total", "Answers by method and status", ["method", "status"])
seconds = Histogram("spiral_http_request_seconds", "Time to the answer's first byte", ["method"])
log = structlog.get_logger("api.access")


class _TooLargeError(Exception):
    """A body beyond its limit, which is the text, for people."""


@dataclass(frozen=True)
class Admitted:
    """A request whose body may be read: `largest` bytes of it; `person` has been let in by a token of theirs."""

    largest: int
    person: str | None = None


class Door(Protocol):
    """Who stands at the door (`api.door`)."""

    def refused(self, scope: Scope) -> Response | None:
        """The answer to what goes no further; None lets it through."""

    async def with_body(self, scope: Scope) -> Admitted | Response:
        """Whether a request's body may be read, or its answer."""


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
                _dress(MutableHeaders(scope=message), scope, request_id)
                _note(scope, message["status"], time.perf_counter() - started, request_id)
            await send(message)

        if (stopped := self._door.refused(scope)) is not None:
            await stopped(scope, receive, sending)
            return
        if scope["method"] not in {"POST", "PUT"}:
            asked, answering = as_get(scope, sending)
            await self._app(asked, receive, answering)
            return
        await self._with_body(scope, receive, sending)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        try:
            admitted = await self._door.with_body(scope)
            if isinstance(admitted, Response):
                await admitted(scope, receive, send)
                return
            body = await _whole(receive, declared(headers), admitted.largest)
        except (SQLAlchemyError, DatabaseBusyError) as error:
            await _away(error, headers)(scope, receive, send)
        except _TooLargeError as error:
            await plainly(scope, "too_large", 413, limit=str(error))(scope, receive, send)
        except TimeoutError:
            await plainly(scope, "too_slow", 408, {"Connection": "close"})(scope, receive, send)
        else:
            await self._read(scope, receive, send, body, admitted.person)

    async def _read(self, scope: Scope, receive: Receive, send: Send, body: bytes, person: str | None) -> None:
        headers = Headers(scope=scope)
        kind = headers.get("content-type", "")
        if (wrong := json_bodies.refused(body, kind)) is not None:
            language = language_of(headers.get("accept-language"))
            await problem_response(wrong[0], language, wrong[1])(scope, receive, send)
            return
        await self._with_key(scope, _again(with_real_names(body, kind), receive), send, body, person)

    async def _with_key(self, scope: Scope, receive: Receive, send: Send, body: bytes, person: str | None) -> None:
        headers = Headers(scope=scope)
        if "idempotency-key" not in headers or person is None:
            await self._app(scope, receive, send)
            return
        try:
            await self._keys.answer(scope, receive, send, person=person, body=body)
        except (SQLAlchemyError, DatabaseBusyError) as error:  # before the application was asked: it handles its own
            await _away(error, headers)(scope, receive, send)


def upload(path: str) -> bool:
    """Whether a file may be sent to this address."""
    return _UPLOADS.search(path) is not None


def _away(error: Exception, headers: Headers) -> Response:
    if not is_away(error):
        raise error
    return simple("database_away", 503, language_of(headers.get("accept-language")), {"Retry-After": RETRY_AFTER})


def declared(headers: Headers) -> int:
    """How long the body says it is; what is no number is found out while it is read."""
    said = headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else 0


def _readable(size: int) -> str:
    return f"{size // 1_000_000} MB" if size >= 1_000_000 else f"{size // 1000} kB"


async def _whole(receive: Receive, declared: int, largest: int) -> bytes:
    """All of the body.

    Raises:
        _TooLargeError: it is longer than `largest`, or says that it is: then nothing has been read.
        TimeoutError: the rest does not come.
    """
    if declared > largest:
        raise _TooLargeError(_readable(largest))
    parts: list[bytes] = []
    size = 0
    while True:
        async with asyncio.timeout(PATIENCE):
            message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        part = message.get("body", b"")
        size += len(part)
        if size > largest:
            raise _TooLargeError(_readable(largest))
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


def _dress(headers: MutableHeaders, scope: Scope, request_id: str) -> None:
    path: str = scope["path"]
    headers["X-Request-Id"] = request_id
    for name, value in _SECURITY.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", JSON_ONLY)
    if behind_tls(scope):
        headers.setdefault("Strict-Transport-Security", HSTS)
    if not path.startswith(_OURS_FOR_ALL):
        headers.setdefault("Cache-Control", "no-store")
    if path.startswith(API):
        headers.add_vary_header("Accept-Language")


def _note(scope: Scope, status: int, took: float, request_id: str) -> None:
    requests.labels(scope["method"], str(status)).inc()
    seconds.labels(scope["method"]).observe(took)
    if scope["path"] not in {"/healthz", "/readyz", "/metrics"} and not scope["path"].startswith("/static/"):
        log.info(
            "request", method=scope["method"], path=scope["path"], status=status, ms=round(took * 1000, 1),
            request_id=request_id,
        )  # fmt: skip
