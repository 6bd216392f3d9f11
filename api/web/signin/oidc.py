"""OpenID Connect with any standard provider: discovery, authorisation code with PKCE, state, nonce; logout.

The provider says who somebody is; which person that is, the organisation says: by e-mail, or by a claim that holds
the person's id. What they may do stays with their posts. Nothing of the provider's is kept.
"""

import asyncio
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from itsdangerous import BadSignature, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.responses import RedirectResponse, Response

from api.services.accesses import note
from api.web.frame.page import Visit, local
from api.web.frame.people import landing
from api.web.frame.session import forget, keys_for, new_session, read_cookie, write_cookie, write_session
from engine.domain.access.entry import kept_out
from engine.domain.access.log import AccessAct
from engine.domain.errors import Category, DomainError, forbidden
from engine.domain.organisation.organisation import Person
from engine.domain.review.facts import Facts
from engine.runtime.settings import Settings
from engine.runtime.signing import Purpose

PENDING = "spiral_oidc"
PATIENCE = 10 * 60
"""Seconds a person may take at the provider."""
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Asymmetric only: an id token signed with the client's own secret, or with none, proves nothing here."""
log = structlog.get_logger("api.sign_in")


class Provider(BaseModel):
    """What a provider's discovery document says (OpenID Connect Discovery 1.0)."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None


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
    provider = await _discover(settings)
    pending = Pending(
        state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48),
        following=following, again=visit.session.person if again else None,
    )  # fmt: skip
    anew = {"prompt": "login", "max_age": "0"} if pending.again is not None else {}
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
    provider = await _discover(settings)
    try:
        async with _client(visit, settings) as client:
            token = await client.fetch_token(
                provider.token_endpoint,
                code=query["code"],
                code_verifier=pending.verifier,
                grant_type="authorization_code",
            )
            claims = await _claims(client, provider, settings, token, pending)
    except (AuthlibBaseError, jwt.PyJWTError, httpx.HTTPError, ValueError, KeyError) as error:
        raise _failed(type(error).__name__) from error
    facts = visit.desk.directory.facts()
    person = person_of(claims, settings.oidc_claim, facts)
    if person is None:
        log.info("sign-in without a person", claim=settings.oidc_claim)
        raise forbidden("sign_in_unknown")
    if kept_out(facts.organisation, person.person_id, facts.today):
        raise forbidden("no_post_today", person=person.name)
    if pending.again is not None:
        _must_be_anew(claims, person, pending.again)
    if visit.session.person is not None:
        await asyncio.to_thread(visit.desk.visits.end, visit.session.sid, visit.desk.directory.now())
    response = RedirectResponse(landing(person.person_id, facts, local(pending.following)), 303)
    write_session(response, visit.request, new_session(person.person_id, provider=True))
    forget(response, visit.request, _cookie(pending.state))
    detail = "asked again" if pending.again is not None else ""
    await asyncio.to_thread(note, AccessAct.SIGN_IN, person.person_id, visit.desk, "provider", detail)
    return response


def _must_be_anew(claims: dict[str, Any], person: Person, asked: str) -> None:
    """The same person, and asked just now: OpenID Connect Core 3.1.2.1, with `max_age` the answer says when."""
    at = claims.get("auth_time")
    if person.person_id != asked:
        raise _failed("another person")
    if not isinstance(at, int | float) or time.time() - at > PATIENCE + 60:
        raise _failed("not asked again")


async def leaving(visit: Visit) -> str | None:
    """Where to end the session at the provider; None when it has no such place."""
    settings = visit.desk.settings
    if settings.oidc_issuer is None:
        return None
    try:
        provider = await _discover(settings)
    except DomainError:
        return None
    if provider.end_session_endpoint is None:
        return None
    asked = {"client_id": settings.oidc_client_id or "", "post_logout_redirect_uri": f"{_here(visit)}/sign-in"}
    return f"{provider.end_session_endpoint}?{urlencode(asked)}"


def person_of(claims: dict[str, Any], claim: str, facts: Facts) -> Person | None:
    """The one person the claims name: by verified e-mail, or by the configured claim as the person's id."""
    value = str(claims.get(claim) or "").strip()
    if not value:
        return None
    if claim != "email":
        return facts.organisation.person(value)
    if claims.get("email_verified") is not True:  # not said is not verified
        return None
    found = [one for one in facts.organisation.people if one.email.casefold() == value.casefold()]
    return found[0] if len(found) == 1 else None


async def _claims(
    client: AsyncOAuth2Client, provider: Provider, settings: Settings, token: dict[str, Any], pending: Pending
) -> dict[str, Any]:
    keys = jwt.PyJWKSet.from_dict(
        (await client.request("GET", provider.jwks_uri, withhold_token=True)).raise_for_status().json()
    )
    raw = str(token["id_token"])
    name = jwt.get_unverified_header(raw).get("kid")
    key = next((one for one in keys.keys if name is None or one.key_id == name), None)
    if key is None:
        raise _failed("no such key")
    found: dict[str, Any] = jwt.decode(
        raw, key.key, algorithms=ALGORITHMS, audience=settings.oidc_client_id, issuer=provider.issuer, leeway=60,
        options={"require": ["exp", "iat", "sub", "aud", "iss"]},
    )  # fmt: skip
    if found.get("nonce") != pending.nonce:
        raise _failed("nonce")
    if settings.oidc_claim not in found and provider.userinfo_endpoint is not None:
        more = (await client.get(provider.userinfo_endpoint)).raise_for_status().json()
        if more.get("sub") == found["sub"]:
            found = more | found
    return found


def _configured(visit: Visit) -> Settings:
    settings = visit.desk.settings
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        raise forbidden("no_provider")
    return settings


async def _discover(settings: Settings) -> Provider:
    url = f"{(settings.oidc_issuer or '').rstrip('/')}/.well-known/openid-configuration"
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            found = (await client.get(url)).raise_for_status().json()
        provider = Provider.model_validate(found)
    except (httpx.HTTPError, ValueError, ValidationError) as error:
        raise _failed(type(error).__name__) from error
    if provider.issuer.rstrip("/") != (settings.oidc_issuer or "").rstrip("/"):
        raise _failed("issuer")
    return provider


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
