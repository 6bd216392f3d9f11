"""Idempotency keys of requests: an equal request gets the first one's answer, another one under the key is refused.

The key is claimed in the database before anything is done (`engine.store.registers.claims`), so it holds across
processes.
Equal requests at the same instant wait for the first; one that died is taken over. An answer that says *try again*
is never kept: the retry is done anew, and command ids made from the key see to it that nothing happens twice.
"""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from uuid import uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import RETRY_AFTER, simple
from engine.language.catalogues import Language
from engine.language.refusals import language_of
from engine.store.faults import DatabaseBusyError
from engine.store.registers.claims import Claims, KeptAnswer, Key

_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_KEPT_HEADERS = ("content-type", "location", "etag", "content-language")
NOT_KEPT = "x-not-kept"
"""Header of an answer that is never stored: it holds a secret, or says of a part of it *try again*."""
PATIENCE = 30.0
"""Seconds that an equal request waits for the first one in the same process."""
LOOKS_DEAD = 3.0
"""Seconds after which a request of another process that has not answered is taken over by an equal one."""
LOOK_AGAIN = 0.1

log = structlog.get_logger("api.access")
Answerer = Callable[[Scope, Receive, Send], Awaitable[None]]


class IdempotencyKeys:
    """The keys that requests of this process are working on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._under_way: dict[tuple[str, str], asyncio.Event] = {}

    async def answer(self, scope: Scope, receive: Receive, send: Send, *, person: str, body: bytes) -> None:
        """Has the application answer, once for each key and content."""
        headers = Headers(scope=scope)
        name, language = headers["idempotency-key"], language_of(headers.get("accept-language"))
        if not _KEY.fullmatch(name):
            await simple("bad_idempotency_key", 422, language)(scope, receive, send)
            return
        key = Key(person, name, _fingerprint(scope, headers, body), uuid4().hex)
        claims = Claims(scope["app"].state.desk.database)
        refused = await self._claim(claims, key, language)
        if refused is not None:
            await refused(scope, receive, send)
            return
        for message in await self._worked(claims, key, scope, receive):
            await send(message)

    async def _claim(self, claims: Claims, key: Key, language: Language) -> Response | None:
        """None when the key is ours to work on; else the answer."""
        began = time.monotonic()
        take_over = False
        while True:
            found = await asyncio.to_thread(claims.claim, key, take_over=take_over)
            if isinstance(found, KeptAnswer):
                return _repeat(found)
            if found == "other_content":
                return simple("idempotency_key_reused", 422, language)
            if found == "ours":
                return None
            first, waited = self._under_way.get((key.person, key.name)), time.monotonic() - began
            if waited > PATIENCE:
                return simple("key_in_use", 503, language, {"Retry-After": RETRY_AFTER})
            take_over = first is None and waited > LOOKS_DEAD
            await _happens(first, LOOK_AGAIN if first is None else PATIENCE - waited)

    async def _worked(self, claims: Claims, key: Key, scope: Scope, receive: Receive) -> list[Message]:
        place, done = (key.person, key.name), asyncio.Event()
        self._under_way[place] = done
        held = _Held()
        try:
            await self._app(scope, receive, held)
            return await _kept(claims, key, held)
        except BaseException:
            await asyncio.shield(_released(claims, key))
            raise
        finally:
            self._under_way.pop(place, None)
            done.set()


class _Held:
    """Holds an answer back until it is kept."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def is_definite(self) -> bool:
        """Whether it may be kept: not when it says *try again*, nobody was signed in, or it holds a secret."""
        status = int(self.messages[0]["status"]) if self.messages else 500
        return status < 500 and status not in {401, 429} and NOT_KEPT not in self._headers

    @property
    def _headers(self) -> Headers:
        return Headers(raw=self.messages[0]["headers"]) if self.messages else Headers()

    def kept(self) -> KeptAnswer:
        """The answer as it is kept."""
        headers, body = self._headers, b"".join(message.get("body", b"") for message in self.messages[1:])
        names = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
        return KeptAnswer(int(self.messages[0]["status"]), json.dumps(names), body.decode())


async def _kept(claims: Claims, key: Key, held: _Held) -> list[Message]:
    """The answer's messages, once it is kept. A database that went away meanwhile takes nobody's answer away."""
    if not held.is_definite:
        await _released(claims, key)
        return held.messages
    mine = held.kept()
    try:
        kept = await asyncio.to_thread(claims.keep, key, mine)
    except (SQLAlchemyError, DatabaseBusyError):
        log.warning("an answer is given that could not be kept", status=mine.status)
        return held.messages
    return held.messages if kept == mine else _messages(kept)


async def _released(claims: Claims, key: Key) -> None:
    try:
        await asyncio.to_thread(claims.release, key)
    except (SQLAlchemyError, DatabaseBusyError):  # an equal request takes it over
        log.warning("a key could not be given back")


async def _happens(event: asyncio.Event | None, within: float) -> None:
    if event is None:
        await asyncio.sleep(within)
        return
    try:
        async with asyncio.timeout(within):
            await event.wait()
    except TimeoutError:
        return


def _repeat(kept: KeptAnswer) -> Response:
    headers: dict[str, str] = json.loads(kept.headers)
    return Response(kept.body, status_code=kept.status, headers=headers | {"Idempotency-Replayed": "true"})


def _messages(kept: KeptAnswer) -> list[Message]:
    response = _repeat(kept)
    start = {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
    return [start, {"type": "http.response.body", "body": response.body}]


def _fingerprint(scope: Scope, headers: Mapping[str, str], body: bytes) -> str:
    parts = (scope["method"].encode(), scope["path"].encode(), scope["query_string"], _unbounded(body, headers))
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def _unbounded(body: bytes, headers: Mapping[str, str]) -> bytes:
    """The body without the marks between its parts, which are others each time the same is sent."""
    found = re.search(r'boundary="?([^";]+)', headers.get("content-type", ""))
    return body.replace(found.group(1).encode(), b"") if found else body
