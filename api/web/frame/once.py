"""A form is done once: pressing twice, going back and sending again, or two equal requests at once are one command.

Every form carries a key that was made when it was shown. The key is claimed with the form's content before anything
is done (`api.http.claims`), and where the form led is kept: the same again leads there and does
nothing.
"""

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from api.http.claims import FormClaim, claim_form
from api.web.frame import session as kept
from engine.domain.errors import DomainError, invalid_at

BESIDE_THE_CONTENT = frozenset({"csrf", "key"})
_KEY = re.compile(r"[\x21-\x7e]{1,100}")
log = structlog.get_logger("api.access")


@dataclass(frozen=True)
class Led:
    """Where a form led, and what the page there says once."""

    path: str
    flash: kept.Flash | None = None


class SentAlreadyError(Exception):
    """The same form was sent and done before."""

    def __init__(self, led: Led) -> None:
        self.led = led
        super().__init__(led.path)


class FormRoute(APIRoute):
    """A route of the pages; a form that was claimed on the way is kept or let go of by how it ends."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler, and what follows."""
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            try:
                response = await handle(request)
            except SentAlreadyError as error:
                return _again(request, error.led)
            except BaseException as error:
                await _ended(request, None, undone=isinstance(error, DomainError))
                raise
            led: Led | None = getattr(request.state, "led", None)
            await _ended(request, led if response.status_code < 400 else None, undone=response.status_code < 500)
            return response

        return once


async def claim(request: Request, person: str, form: FormData) -> None:
    """Claims the form's key for its content; a form without one is done as it is.

    Raises:
        SentAlreadyError: it has been done.
        DomainError: `form_sent_already`: the key was used for another content.
        EngineAwayError: `form_under_way`: an equal one is still being done.
    """
    name = str(form.get("key") or "")
    if not name:
        return
    if not _KEY.fullmatch(name):
        raise invalid_at("/key", "bad_value")
    found = await claim_form(request.app.state.desk.database, person, name, await _fingerprint(request, form))
    if isinstance(found, str):
        raise SentAlreadyError(_led(found))
    request.state.claimed = found


async def _ended(request: Request, led: Led | None, *, undone: bool) -> None:
    """Keeps where it led. What did nothing leaves the key free; what is in doubt keeps it for the same content."""
    claimed: FormClaim | None = getattr(request.state, "claimed", None)
    if claimed is None:
        return
    if led is not None:
        await claimed.led_to(json.dumps({"path": led.path, "flash": _plain(led.flash)}))
    else:
        await claimed.let_go(undone=undone)


def _again(request: Request, led: Led) -> Response:
    response = RedirectResponse(led.path, 303)
    if led.flash is not None:
        kept.write_flash(response, request, led.flash)
    return response


def _led(said: str) -> Led:
    found = json.loads(said)
    return Led(str(found["path"]), kept.Flash.model_validate(found["flash"]) if found["flash"] else None)


def _plain(flash: kept.Flash | None) -> dict[str, Any] | None:
    return flash.model_dump() if flash is not None else None


async def _fingerprint(request: Request, form: FormData) -> str:
    parts = [request.method, request.url.path]
    for name, value in form.multi_items():
        if name not in BESIDE_THE_CONTENT:
            parts += [name, value if isinstance(value, str) else await _digest(value)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


async def _digest(file: UploadFile) -> str:
    content = await file.read()
    await file.seek(0)
    return f"{file.filename} {hashlib.sha256(content).hexdigest()}"
