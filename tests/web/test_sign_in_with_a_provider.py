"""OpenID Connect against a little provider with real signed tokens, as a browser and an attacker would use it."""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from api.app import create_app
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
    assert "secure" in back.headers["set-cookie"].lower()
    assert "辻 千尋" in (await client.get("/")).text


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
