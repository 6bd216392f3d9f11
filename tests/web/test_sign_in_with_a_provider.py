"""OpenID Connect against a little provider with real signed tokens, as a browser and an attacker would use it."""

import asyncio
import base64
import hashlib
import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import httpx
import jwt
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from api.app import create_app
from api.web.frame.session import SESSION, cookie_name
from engine.runtime.ports import prefer
from tests.web.conftest import KEY, Site

CLIENT, PASSWORD = "spiral", "between-us"
HTML = {"Accept": "text/html", "Accept-Language": "en"}


@dataclass
class Provider:
    """Signs everybody in as `claims`; `forged` signs with a key it never published."""

    url: str
    claims: dict[str, Any] = field(default_factory=lambda: {"email": "p093@city.example", "email_verified": True})
    forged: bool = False
    asks: bool = True
    nonce: str | None = None
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    async def discovery(self, _request: Request) -> Response:
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        more = {name: f"{self.url}/{path}" for name, path in places.items()}
        return JSONResponse({"issuer": self.url, "end_session_endpoint": f"{self.url}/bye", **more})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        self.codes["c0de"] = asked
        return RedirectResponse(
            f"{asked['redirect_uri']}?{urlencode({'code': 'c0de', 'state': asked['state']})}", 303
        )

    async def token(self, request: Request) -> Response:
        form = await request.form()
        asked = self.codes.pop(str(form["code"]))
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
        given = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        assert given == f"{CLIENT}:{PASSWORD}"
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": "u1", "iat": now, "exp": now + 60} | self.claims
        claims["nonce"] = self.nonce or asked["nonce"]
        if asked.get("prompt") == "login" and self.asks:
            assert asked["max_age"] == "0"
            claims["auth_time"] = now
        key = rsa.generate_private_key(65537, 2048) if self.forged else self.key
        token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"})
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})

    async def keys(self, _request: Request) -> Response:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return JSONResponse({"keys": [public | {"kid": "k1", "alg": "RS256", "use": "sig"}]})


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    port = prefer("127.0.0.1", 0)
    found = Provider(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(found.app(), port=port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.01)
    yield found
    server.should_exit = True
    await serving


@pytest.fixture
async def production(site: Site, provider: Provider) -> AsyncIterator[FastAPI]:
    """The same city as production has it: a provider, no sample people, https in front."""
    settings = site.settings.model_copy(
        update={
            "sample_sign_in": False, "oidc_issuer": provider.url, "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr(PASSWORD), "public_url": "https://city.example", "secret": SecretStr(KEY),
        }
    )  # fmt: skip
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


async def through(app: FastAPI, following: str = "/decisions") -> tuple[httpx.AsyncClient, httpx.Response]:
    """From our page to the provider and back, as a browser goes."""
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://city.example", headers=HTML)
    begun = await client.get("/sign-in/provider", params={"next": following})
    async with httpx.AsyncClient() as outside:
        sent = await outside.get(begun.headers["location"])
    back = urlsplit(sent.headers["location"])
    return client, await client.get(f"{back.path}?{back.query}")


async def test_a_person_signs_in_by_their_address_and_lands_where_they_were_going(production: FastAPI) -> None:
    client, back = await through(production)
    assert (back.status_code, back.headers["location"]) == (303, "/decisions")
    assert {one.name[:7] for one in client.cookies.jar} == {"__Host-"}
    for put in back.headers.get_list("set-cookie"):
        assert put.startswith("__Host-spiral_")
        assert {"Secure", "HttpOnly", "Path=/"} <= set(put.split("; "))
        assert "Domain" not in put
    assert back.headers["strict-transport-security"] == "max-age=31536000"
    assert "辻 千尋" in (await client.get("/")).text


async def test_a_cookie_that_anybody_could_have_set_is_nobody_s_behind_tls(production: FastAPI) -> None:
    async with browser_of(production, cookie(QUIET, idle=1, secure=False)) as client:
        assert (await client.get("/")).headers["location"] == "/sign-in"
    async with browser_of(production, cookie(QUIET, idle=1)) as client:
        assert (await client.get("/")).status_code == 200


async def test_two_tabs_sign_in_at_once_and_each_goes_on_where_it_was(production: FastAPI) -> None:
    async with browser_of(production, {}) as client, httpx.AsyncClient() as outside:
        begun = [
            await client.get("/sign-in/provider", params={"next": place}) for place in ("/library", "/decisions")
        ]
        for answer, place in zip(begun, ("/library", "/decisions"), strict=True):
            sent = await outside.get(answer.headers["location"])
            back = urlsplit(sent.headers["location"])
            landed = await client.get(f"{back.path}?{back.query}")
            assert (landed.status_code, landed.headers["location"]) == (303, place)


async def test_a_mayor_who_was_going_nowhere_in_particular_lands_on_the_city(
    production: FastAPI, provider: Provider
) -> None:
    facts = production.state.desk.directory.facts()
    provider.claims = {"email": facts.organisation.person("p001").email, "email_verified": True}
    _, back = await through(production, "/")
    assert (back.status_code, back.headers["location"]) == (303, "/city")


async def test_there_are_no_sample_people_in_production(production: FastAPI) -> None:
    transport = httpx.ASGITransport(app=production)
    async with httpx.AsyncClient(transport=transport, base_url="https://city.example", headers=HTML) as client:
        page = (await client.get("/sign-in")).text
        assert "Sign in with" in page
        assert 'name="person"' not in page
        token = page.split('name="csrf" value="')[1].split('"')[0]
        refused = await client.post("/sign-in/sample", data={"person": "p001", "csrf": token})
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"forged": True}, "did not work"),
        ({"nonce": "another"}, "did not work"),
        ({"claims": {"email": "p093@city.example", "aud": "somebody-else"}}, "did not work"),
        ({"claims": {"email": "p093@city.example", "exp": 1}}, "did not work"),
        ({"claims": {"email": "p093@city.example", "iss": "https://other.example"}}, "did not work"),
        ({"claims": {"email": "stranger@example.org"}}, "nobody in the organisation"),
        ({"claims": {"email": "p093@city.example", "email_verified": False}}, "nobody in the organisation"),
        ({"claims": {"email": "p093@city.example"}}, "nobody in the organisation"),
        ({"claims": {"email": "p093@city.example", "email_verified": "true"}}, "nobody in the organisation"),
    ],
)
async def test_what_is_not_surely_that_person_signs_nobody_in(
    production: FastAPI, provider: Provider, change: dict[str, Any], said: str
) -> None:
    for name, value in change.items():
        setattr(provider, name, value)
    client, back = await through(production)
    assert back.status_code == 403
    assert said in back.text
    assert (await client.get("/")).headers["location"] == "/sign-in"


async def test_an_answer_for_another_sign_in_is_refused(production: FastAPI) -> None:
    client, _ = await through(production)
    again = await client.get("/sign-in/provider/back", params={"code": "c0de", "state": "another"})
    assert again.status_code == 403


async def test_signing_out_ends_the_session_at_the_provider_too(production: FastAPI, provider: Provider) -> None:
    client, _ = await through(production)
    token = (await client.get("/")).text.split('name="csrf" value="')[1].split('"')[0]
    left = await client.post("/sign-out", data={"csrf": token})
    place = urlsplit(left.headers["location"])
    assert f"{place.scheme}://{place.netloc}{place.path}" == f"{provider.url}/bye"
    assert parse_qs(place.query)["post_logout_redirect_uri"] == ["https://city.example/sign-in"]
    assert (await client.get("/")).headers["location"] == "/sign-in"


class Aged(TimestampSigner):
    """Stamps as if it had been so many minutes ago."""

    minutes = 0

    def get_timestamp(self) -> int:
        return int(time.time()) - self.minutes * 60


def cookie(person: str, *, idle: int, begun: int = 0, provider: bool = True, secure: bool = True) -> dict[str, str]:
    """A visit that was used last `idle` minutes ago and began `begun` minutes ago; `secure` as behind TLS."""
    signer = type("Signer", (Aged,), {"minutes": idle})
    content = {"sid": uuid4().hex, "person": person, "since": int(time.time()) - begun * 60, "provider": provider}
    return {
        cookie_name(SESSION, secure=secure): str(
            URLSafeTimedSerializer(KEY, salt="spiral-session", signer=signer).dumps(content)
        )
    }


QUIET = "p140"
"""Nobody else's test signs this person out everywhere, which would end what began before."""


def browser_of(app: FastAPI, cookies: dict[str, str]) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="https://city.example", headers=HTML, cookies=cookies)


@pytest.mark.parametrize(
    ("idle", "begun", "in_"), [(29, 29, True), (31, 31, False), (5, 12 * 60 - 2, True), (5, 12 * 60 + 1, False)]
)
async def test_a_visit_ends_after_half_an_hour_unused_and_after_twelve_hours(
    production: FastAPI, idle: int, begun: int, *, in_: bool
) -> None:
    async with browser_of(production, cookie(QUIET, idle=idle, begun=begun)) as client:
        answer = await client.get("/")
    assert (answer.status_code == 200) is in_
    assert in_ or answer.headers["location"] == "/sign-in"


@pytest.fixture
async def patient(production: FastAPI) -> AsyncIterator[FastAPI]:
    """A city where a visit may be idle for two hours."""
    settings = production.state.settings.model_copy(update={"session_idle_minutes": 120})
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


async def back_from(client: httpx.AsyncClient, begun: httpx.Response) -> httpx.Response:
    async with httpx.AsyncClient() as outside:
        sent = await outside.get(begun.headers["location"])
    back = urlsplit(sent.headers["location"])
    return await client.get(f"{back.path}?{back.query}")


async def test_after_a_pause_what_weighs_asks_again_who_it_is_and_nothing_else_does(
    patient: FastAPI, provider: Provider
) -> None:
    provider.claims = {"email": "p003@city.example", "email_verified": True}
    async with browser_of(patient, cookie("p003", idle=10)) as client:
        assert (await client.get("/admin")).status_code == 200
    async with browser_of(patient, cookie("p003", idle=31)) as client:
        assert (await client.get("/")).status_code == 200
        asked = await client.get("/admin")  # the pause is not forgotten by looking at another page first
        assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in/provider?again=true&next=/admin")
        begun = await client.get(asked.headers["location"])
        assert parse_qs(urlsplit(begun.headers["location"]).query)["prompt"] == ["login"]
        answer = await back_from(client, begun)
        assert (answer.status_code, answer.headers["location"]) == (303, "/admin")
        assert (await client.get("/admin")).status_code == 200
        assert (await client.get("/access")).status_code == 200


async def test_what_was_typed_before_the_proof_was_asked_for_is_shown_with_the_way_to_give_it(
    patient: FastAPI, provider: Provider
) -> None:
    async with browser_of(patient, cookie("p003", idle=31)) as client:
        seen = (await client.get("/")).text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', seen))
        form = {name: hidden[name] for name in ("csrf", "key")} | {"name": "毎月の集計", "days": "30"}
        answer = await client.post("/access/tokens", data=form)
    assert answer.status_code == 401
    assert "毎月の集計" in answer.text
    assert "/sign-in/provider?again=true" in answer.text


@pytest.mark.parametrize(
    "change", [{"asks": False}, {"claims": {"email": "p093@city.example", "email_verified": True}}]
)
async def test_a_proof_that_was_not_asked_for_anew_or_is_another_s_is_none(
    patient: FastAPI, provider: Provider, change: dict[str, Any]
) -> None:
    provider.claims = {"email": "p003@city.example", "email_verified": True}
    for name, value in change.items():
        setattr(provider, name, value)
    async with browser_of(patient, cookie("p003", idle=31)) as client:
        begun = await client.get("/sign-in/provider", params={"again": "true", "next": "/admin"})
        assert (await back_from(client, begun)).status_code == 403
        assert (await client.get("/admin")).status_code == 303


async def test_a_sample_person_is_not_asked_again_where_there_is_no_provider(site: Site) -> None:
    async with httpx.AsyncClient(
        base_url=site.url, headers=HTML, cookies=cookie("p003", idle=29, provider=False, secure=False)
    ) as client:
        assert (await client.get("/admin")).status_code == 200
