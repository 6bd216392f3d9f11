"""Signing in with the city's OpenID provider: authorisation code with PKCE, state, nonce; asking again; leaving.

The provider says who somebody is; which person that is, `api.openid` says. What they may do stays with their posts.
"""

import asyncio
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import httpx
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from itsdangerous import BadSignature, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.responses import RedirectResponse, Response

from api.openid.logout import led_by
from api.openid.people import signing_in
from api.openid.provider import Provider, ProviderError
from api.services.operations.accesses import note
from api.web.frame.page import Visit, local
from api.web.frame.people import landing
from api.web.frame.session import forget, keys_for, new_session, read_cookie, write_cookie, write_session
from engine.domain.access.entry import kept_out
from engine.domain.access.log import AccessAct
from engine.domain.errors import Category, DomainError, forbidden
from engine.domain.organisation.organisation import Person
from engine.runtime.settings import Settings
from engine.runtime.signing import Purpose

PENDING, HINT = "spiral_oidc", "spiral_id_token"
PATIENCE = 10 * 60
"""Seconds a person may take at the provider."""
LONGEST_HINT = 3500
"""Characters of an id token that a cookie can hold; a longer one is not kept, and leaving says only who asks."""
log = structlog.get_logger("api.sign_in")


class Pending(BaseModel):
    """A sign-in under way, in a signed cookie of ten minutes; `again` is whose proof is asked for once more."""

    model_config = ConfigDict(frozen=True)

    state: str
    nonce: str
    verifier: str
    following: str
    again: str | None = None


async def begin(visit: Visit, following: str, *, again: bool = False) -> Response:
    """Sends the browser to the provider; with `again` it must ask who it is, though it may remember."""
    settings = _configured(visit)
    provider = await _provider(visit)
    pending = Pending(
        state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48),
        following=following, again=visit.session.person if again else None,
    )  # fmt: skip
    anew = {"prompt": "login", "max_age": "0"} if pending.again is not None else {}
    if pending.again is not None and settings.oidc_acr is not None:
        anew["acr_values"] = settings.oidc_acr
    async with _client(visit, settings) as client:
        url, _ = client.create_authorization_url(
            provider.authorization_endpoint,
            state=pending.state,
            nonce=pending.nonce,
            code_verifier=pending.verifier,
            **anew,
        )
    response = RedirectResponse(url, 303)
    write_cookie(
        response, visit.request, _cookie(pending.state), str(_signer(visit).dumps(pending.model_dump())), PATIENCE
    )
    return response


async def finish(visit: Visit) -> Response:
    """Takes the code, asks who it is, and signs that person in.

    Raises:
        DomainError: `sign_in_failed`, or `sign_in_unknown` when the organisation has no such person.
    """
    settings, pending = _configured(visit), _pending(visit)
    query = visit.request.query_params
    if query.get("error") or query.get("state") != pending.state or not query.get("code"):
        raise _failed("state" if not query.get("error") else str(query["error"]))
    provider = await _provider(visit)
    try:
        async with _client(visit, settings) as client:
            token = await client.fetch_token(
                provider.token_endpoint,
                code=query["code"],
                code_verifier=pending.verifier,
                grant_type="authorization_code",
            )
            claims = await _claims(client, provider, visit, token, pending)
    except (AuthlibBaseError, ProviderError, httpx.HTTPError, ValueError, KeyError) as error:
        raise _failed(str(error) if isinstance(error, ProviderError) else type(error).__name__) from error
    facts = visit.desk.directory.facts()
    person = await asyncio.to_thread(signing_in, claims, settings, visit.desk.sign_ins, facts)
    if kept_out(facts.organisation, person.person_id, facts.today):
        raise forbidden("no_post_today", person=person.name)
    if pending.again is not None:
        _must_be_anew(claims, person, pending.again, settings.oidc_acr)
    if visit.session.person is not None:
        await asyncio.to_thread(visit.desk.visits.end, visit.session.sid, visit.desk.directory.now())
    response = RedirectResponse(landing(person.person_id, facts, local(pending.following)), 303)
    session = new_session(person.person_id, provider=True, led_by=led_by(claims))
    write_session(response, visit.request, session)
    _keep_hint(response, visit, str(token["id_token"]))
    forget(response, visit.request, _cookie(pending.state))
    detail = "asked again" if pending.again is not None else ""
    await asyncio.to_thread(note, AccessAct.SIGN_IN, person.person_id, visit.desk, "provider", detail)
    return response


def _must_be_anew(claims: dict[str, Any], person: Person, asked: str, acr: str | None) -> None:
    """The same person, asked just now (OpenID Connect Core 3.1.2.1), and as strongly as the city wants it."""
    at = claims.get("auth_time")
    if person.person_id != asked:
        raise _failed("another person")
    if not isinstance(at, int | float) or time.time() - at > PATIENCE + 60:
        raise _failed("not asked again")
    if acr is not None and claims.get("acr") not in acr.split():
        raise _failed("acr")


async def leaving(visit: Visit) -> str | None:
    """Where to end the session at the provider (RP-Initiated Logout 1.0); None when it has no such place."""
    settings = visit.desk.settings
    if settings.oidc_issuer is None:
        return None
    try:
        provider = await _provider(visit)
    except DomainError:
        return None
    if provider.end_session_endpoint is None:
        return None
    asked = {"client_id": settings.oidc_client_id or "", "post_logout_redirect_uri": f"{_here(visit)}/sign-in"}
    if hint := read_cookie(visit.request, HINT):
        asked["id_token_hint"] = hint
    return f"{provider.end_session_endpoint}?{urlencode(asked)}"


def forget_hint(response: Response, visit: Visit) -> None:
    """The id token is of no use once somebody has left."""
    if read_cookie(visit.request, HINT) is not None:
        forget(response, visit.request, HINT)


def _keep_hint(response: Response, visit: Visit, token: str) -> None:
    # With it the provider knows which of its sessions to end, and asks nobody.
    if len(token) <= LONGEST_HINT:
        write_cookie(response, visit.request, HINT, token, visit.desk.settings.session_hours * 3600)


async def _claims(
    client: AsyncOAuth2Client, provider: Provider, visit: Visit, token: dict[str, Any], pending: Pending
) -> dict[str, Any]:
    settings = visit.desk.settings
    found: dict[str, Any] = await asyncio.to_thread(
        visit.desk.openid.claims, str(token["id_token"]), audience=settings.oidc_client_id or ""
    )
    if found.get("nonce") != pending.nonce:
        raise ProviderError("nonce")
    wanted = {settings.oidc_claim} | ({settings.oidc_group_claim} if settings.oidc_group else set())
    if wanted - found.keys() and provider.userinfo_endpoint is not None:
        more = (await client.get(provider.userinfo_endpoint)).raise_for_status().json()
        if more.get("sub") == found["sub"]:
            found = more | found
    return found


def _configured(visit: Visit) -> Settings:
    settings = visit.desk.settings
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        raise forbidden("no_provider")
    return settings


async def _provider(visit: Visit) -> Provider:
    try:
        return await asyncio.to_thread(visit.desk.openid.provider)
    except ProviderError as error:
        raise _failed(str(error)) from error


def _client(visit: Visit, settings: Settings) -> AsyncOAuth2Client:
    secret = settings.oidc_client_secret
    return AsyncOAuth2Client(
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        scope=settings.oidc_scope,
        code_challenge_method="S256",
        redirect_uri=f"{_here(visit)}/sign-in/provider/back",
        token_endpoint_auth_method="client_secret_basic" if secret else "none",
        timeout=10,
    )


def _here(visit: Visit) -> str:
    return (visit.desk.settings.public_url or str(visit.request.base_url)).rstrip("/")


def _cookie(state: str) -> str:
    """Each tab has a sign-in of its own, so one begun in another does not end it."""
    return f"{PENDING}_{hashlib.sha256(state.encode()).hexdigest()[:16]}"


def _pending(visit: Visit) -> Pending:
    kept = read_cookie(visit.request, _cookie(visit.request.query_params.get("state") or "")) or ""
    try:
        return Pending.model_validate(_signer(visit).loads(kept, max_age=PATIENCE))
    except (BadSignature, ValidationError) as error:
        raise _failed("no sign-in under way") from error


def _signer(visit: Visit) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(keys_for(visit.request, Purpose.SIGN_IN), salt="spiral-oidc")


def _failed(why: str) -> DomainError:
    log.info("sign-in failed", why=why)
    return DomainError("sign_in_failed", Category.FORBIDDEN)
