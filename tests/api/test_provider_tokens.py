"""The provider signs tokens of several kinds for one client; only those made for calling are taken by the API."""

import json
import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import Engine

from api.openid.people import Outside
from api.openid.provider import OpenId
from engine.contracts.documents import ORGANISATION
from engine.runtime.settings import Settings
from engine.store.directory.directory import Directory
from engine.store.registers.sign_ins import SignIns
from engine.store.registers.tokens import Tokens
from tests.support import city

ISSUER, CLIENT = "https://sso.city.example", "spiral"
KEY = rsa.generate_private_key(65537, 2048)


def _provider(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/keys":
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return httpx.Response(200, json={"keys": [public | {"kid": "k", "use": "sig"}]})
    places = {name: f"{ISSUER}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
    return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys", **places})


@pytest.fixture
def outside(sqlite: Engine) -> Outside:
    """A city whose API and whose pages are one client at the provider, as Entra ID has it."""
    settings = Settings(oidc_issuer=ISSUER, oidc_client_id=CLIENT, oidc_audience=CLIENT)
    sign_ins = SignIns(sqlite)
    sign_ins.bind(ISSUER, "u1", city.OWNER)
    return Outside(OpenId(settings, httpx.MockTransport(_provider)), settings, sign_ins, Tokens(sqlite))


def signed(**more: Any) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "u1", "iat": now, "exp": now + 60} | more
    return jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "k"})


def test_only_an_access_token_of_the_provider_is_taken_for_one(outside: Outside, sqlite: Engine) -> None:
    directory = Directory(sqlite)
    directory.import_document(ORGANISATION, "test", city.organisation(), by="test")
    facts = directory.facts()
    taken = outside.credential(signed(), facts)
    assert taken is not None
    assert taken.holder == city.OWNER
    logout = {"http://schemas.openid.net/event/backchannel-logout": {}}
    for other in ({"nonce": "n"}, {"at_hash": "h"}, {"c_hash": "h"}, {"events": logout, "jti": "j"}):
        assert outside.credential(signed(**other), facts) is None, other
