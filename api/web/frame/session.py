"""Who is visiting: a signed cookie with a person's id, how they like to look at things, and a token for every form.

The cookie is HttpOnly and SameSite=Lax; a form's token is bound to it, so another site cannot send our forms. What a
person may do is not in the cookie: posts and duties are looked up on the day.
"""

import hashlib
import hmac
import secrets
import time
from typing import Literal

from fastapi import Request
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.responses import Response

from api.http.transport import behind_tls
from engine.language.catalogues import Language
from engine.language.refusals import language_of
from engine.runtime.settings import Settings
from engine.runtime.signing import Purpose, SigningKeys

SESSION, LOOK, FLASH = "spiral_session", "spiral_look", "spiral_flash"
HOST_ONLY = "__Host-"
"""What a cookie's name begins with behind TLS (RFC 6265bis 4.1.3.2): no other host, nothing in the plain, sets it."""
RENEWED_AFTER = 60
"""Seconds after which a session in use gets a new time stamp: so exactly is known how long it was idle."""
A_YEAR = 365 * 24 * 3600
Theme = Literal["auto", "light", "dark"]
TextSize = Literal["normal", "large", "largest"]
Years = Literal["era", "western"]


class Session(BaseModel):
    """One browser's visit; `person` is None before sign-in. `since` is the sign-in's time, in epoch seconds.

    `led_by` names the session at the provider that led to it, as `api.openid.logout` does.
    `paused` says that it was idle for so long that what weighs asks again who it is (`SPIRAL_PROOF_MINUTES`).
    """

    model_config = ConfigDict(frozen=True)

    sid: str
    person: str | None = None
    since: int = 0
    provider: bool = False
    led_by: str = ""
    paused: bool = False


class Look(BaseModel):
    """How a person likes to look at the pages; a language of None follows the person's locale or the browser."""

    model_config = ConfigDict(frozen=True)

    language: Language | None = None
    text_size: TextSize = "normal"
    theme: Theme = "auto"
    years: Years = "era"


class Flash(BaseModel):
    """What the next page says once: a text for the catalogues with its parameters."""

    model_config = ConfigDict(frozen=True)

    text: str
    params: dict[str, str] = {}
    kind: Literal["done", "wrong"] = "done"


def new_session(person: str | None = None, *, provider: bool = False, led_by: str = "") -> Session:
    """A visit under a fresh id; signing in always takes one, so that an older id is worth nothing."""
    return Session(
        sid=secrets.token_urlsafe(18), person=person, since=int(time.time()), provider=provider, led_by=led_by
    )


def read_session(request: Request) -> tuple[Session, bool]:
    """The visit, and whether its cookie has to be written (new, expired or due for renewal)."""
    settings: Settings = request.app.state.settings
    raw = read_cookie(request, SESSION)
    if raw is None:
        return new_session(), True
    try:
        content, at = _timed(request).loads(raw, max_age=settings.session_hours * 3600, return_timestamp=True)
        session = Session.model_validate(content)
    except (BadSignature, ValidationError):
        return new_session(), True
    idle = time.time() - at.timestamp()
    if session.person is None:
        return session, idle > RENEWED_AFTER
    too_old = time.time() - session.since > settings.session_hours * 3600
    if too_old or idle > settings.session_idle_minutes * 60:
        return new_session(), True
    if idle > settings.proof_minutes * 60:
        session = session.model_copy(update={"paused": True})
    return session, idle > RENEWED_AFTER


def signed_person(request: Request) -> str | None:
    """Whose visit the cookie is by its signature alone, however old: it may be over, or have been ended."""
    raw = read_cookie(request, SESSION)
    if raw is None:
        return None
    try:
        return Session.model_validate(_timed(request).loads(raw)).person
    except (BadSignature, ValidationError):
        return None


def write_session(response: Response, request: Request, session: Session) -> None:
    """Puts the visit into its cookie."""
    content = _timed(request).dumps(session.model_dump(exclude_defaults=True))
    write_cookie(response, request, SESSION, str(content), None)


def csrf_token(request: Request, session: Session) -> str:
    """What every form of this visit carries."""
    keys: SigningKeys = request.app.state.signing_keys
    return _csrf(keys.signing(Purpose.FORM), session)


def csrf_fits(request: Request, session: Session, given: str) -> bool:
    """Whether it is this visit's, also from a page that was opened before the secret was changed."""
    keys: SigningKeys = request.app.state.signing_keys
    fitting = [_csrf(key, session).encode() for key in keys.reading(Purpose.FORM)]
    return any(hmac.compare_digest(given.encode(), one) for one in fitting)


def _csrf(key: str, session: Session) -> str:
    return hmac.new(key.encode(), f"csrf:{session.sid}".encode(), hashlib.sha256).hexdigest()[:40]


def read_look(request: Request) -> Look:
    """The choices in the cookie; whatever is not one of ours is the default."""
    parts = [*(read_cookie(request, LOOK) or "").split("."), "", "", "", ""][:4]
    try:
        return Look.model_validate(
            {
                name: part
                for name, part in zip(("language", "text_size", "theme", "years"), parts, strict=True)
                if part
            }
        )
    except ValidationError:
        return Look()


def write_look(response: Response, request: Request, look: Look) -> None:
    """Keeps the choices for a year."""
    write_cookie(response, request, LOOK, f"{look.language or ''}.{look.text_size}.{look.theme}.{look.years}", A_YEAR)


def read_flash(request: Request) -> Flash | None:
    """What the last action left to say."""
    raw = read_cookie(request, FLASH)
    if raw is None:
        return None
    try:
        return Flash.model_validate(_plain(request).loads(raw))
    except (BadSignature, ValidationError):
        return None


def write_flash(response: Response, request: Request, flash: Flash) -> None:
    """Leaves something to say for the next page."""
    write_cookie(response, request, FLASH, str(_plain(request).dumps(flash.model_dump())), 60)


def cookie_name(name: str, *, secure: bool) -> str:
    """What a cookie of ours is called on the wire."""
    return f"{HOST_ONLY}{name}" if secure else name


def read_cookie(request: Request, name: str) -> str | None:
    """A cookie of ours; behind TLS one without the prefix is nobody's."""
    return request.cookies.get(cookie_name(name, secure=is_secure(request)))


def write_cookie(response: Response, request: Request, name: str, value: str, max_age: int | None) -> None:
    """Puts a cookie of ours: for this host only, over https where the city has it, read by no script."""
    secure = is_secure(request)
    response.set_cookie(
        cookie_name(name, secure=secure),
        value,
        max_age=max_age,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def forget(response: Response, request: Request, name: str) -> None:
    """Removes a cookie."""
    secure = is_secure(request)
    response.delete_cookie(cookie_name(name, secure=secure), path="/", secure=secure, httponly=True, samesite="lax")


def chosen_language(look: Look, locale: Language | None, request: Request) -> Language:
    """The chosen language, else the person's, else the browser's."""
    return look.language or locale or language_of(request.headers.get("accept-language"))


def is_secure(request: Request) -> bool:
    """Whether cookies may travel over https only."""
    return behind_tls(request.scope)


def keys_for(request: Request, purpose: Purpose) -> list[str]:
    """What a serializer of `itsdangerous` is given."""
    keys: SigningKeys = request.app.state.signing_keys
    return keys.oldest_first(purpose)


def _timed(request: Request) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(keys_for(request, Purpose.SESSION), salt="spiral-session")


def _plain(request: Request) -> URLSafeSerializer:
    return URLSafeSerializer(keys_for(request, Purpose.FLASH), salt="spiral-flash")
