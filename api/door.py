"""What every request passes before any route: its id, its size, its key against repeats, its line in the log.

A plain ASGI middleware, so that streams stay streams. An answer under an idempotency key is kept for its person; a
repeat gets it again without anything being done. Two equal requests at the same instant are safe too: the key makes
the command's id, and the engine decides an id once.
"""

import asyncio
import hashlib
import json
import re
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import NotSignedInError, person_of
from api.problems import problem_response, simple
from api.sentences import language_of
from engine.domain.attachments import LARGEST as FILE
from engine.domain.errors import Category, Refusal
from engine.store.database import reading, writing
from engine.store.tables import AnswerRow

LARGEST = 1_000_000
"""Bytes of a request's body."""
LARGEST_UPLOAD = FILE + 65_536
"""Bytes of a request that carries a file, with what goes around it."""
_UPLOADS = re.compile(r"/(cycles/[^/]+/(attachments|files)|imports/[a-z]+|admin/files)/?$")
KEPT_FOR = timedelta(days=7)
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_KEPT_HEADERS = ("content-type", "location", "etag", "content-language")
NOT_KEPT = "x-not-kept"
"""Header of an answer that holds a secret: it is never stored; its route makes a repeat safe by itself."""
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


class Door:
    """See the module."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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

        if scope["method"] not in {"POST", "PUT"}:
            await self._app(scope, receive, sending)
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
        await self._with_key(scope, _again(body, receive), sending, body)

    async def _with_key(self, scope: Scope, receive: Receive, send: Send, body: bytes) -> None:
        headers = Headers(scope=scope)
        key, person = headers.get("idempotency-key"), _person(headers, scope)
        language = language_of(headers.get("accept-language"))
        if key is None or person is None:
            await self._app(scope, receive, send)
            return
        if not _KEY.fullmatch(key):
            await simple("bad_idempotency_key", 422, language)(scope, receive, send)
            return
        database: Engine = scope["app"].state.desk.database
        print_ = hashlib.sha256(
            b"\n".join(
                (scope["method"].encode(), scope["path"].encode(), scope["query_string"], _unbounded(body, headers))
            )
        ).hexdigest()
        known = await asyncio.to_thread(_known, database, person, key)
        if known is not None:
            same = known.fingerprint == print_
            answer = _repeat(known) if same else simple("idempotency_key_reused", 422, language)
            await answer(scope, receive, send)
            return
        held = _Held()
        await self._app(scope, receive, held)
        if held.is_definite:
            await asyncio.to_thread(_keep, database, held.row(person, key, print_))
        for message in held.messages:
            await send(message)


class _Held:
    """Holds an answer back until it is kept."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def _status(self) -> int:
        return int(self.messages[0]["status"]) if self.messages else 500

    @property
    def is_definite(self) -> bool:
        """Whether the answer may be kept: not when the server failed, nobody was signed in, or it holds a secret."""
        held = Headers(raw=self.messages[0]["headers"]) if self.messages else Headers()
        return self._status < 500 and self._status not in {401, 429} and NOT_KEPT not in held

    def row(self, person: str, key: str, fingerprint: str) -> AnswerRow:
        """The answer as it is kept."""
        headers = Headers(raw=self.messages[0]["headers"])
        body = b"".join(message.get("body", b"") for message in self.messages[1:])
        return AnswerRow(
            person_id=person,
            key=key,
            fingerprint=fingerprint,
            status=self._status,
            headers=json.dumps({name: headers[name] for name in _KEPT_HEADERS if name in headers}),
            body=body.decode(),
            created_at=datetime.now(UTC),
        )


def forget_old_answers(database: Engine) -> None:
    """Answers older than `KEPT_FOR` are not repeated any more."""
    with writing(database) as session:
        session.exec(delete(AnswerRow).where(col(AnswerRow.created_at) < datetime.now(UTC) - KEPT_FOR))


def _known(database: Engine, person: str, key: str) -> AnswerRow | None:
    with reading(database) as session:
        return session.get(AnswerRow, (person, key))


def _keep(database: Engine, row: AnswerRow) -> None:
    try:
        with writing(database) as session:
            session.add(row)
    except IntegrityError:  # two equal requests at once: both have the same answer
        log.debug("answer kept already", key=row.key)


def _repeat(row: AnswerRow) -> Response:
    headers: dict[str, str] = json.loads(row.headers or "{}")
    return Response(row.body or "", status_code=row.status or 200, headers=headers | {"Idempotency-Replayed": "true"})


def _person(headers: Headers, scope: Scope) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return person_of(token.strip(), scope["app"].state.signing_key)
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


def _unbounded(body: bytes, headers: Headers) -> bytes:
    """The body without the marks between its parts, which are others each time the same is sent."""
    found = re.search(r'boundary="?([^";]+)', headers.get("content-type", ""))
    return body.replace(found.group(1).encode(), b"") if found else body


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
