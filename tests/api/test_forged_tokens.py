"""Whoever makes a token of their own, changes one, or brings something that was signed for another use is nobody."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from itsdangerous import URLSafeTimedSerializer

from tests.api.conftest import Http, problem
from tests.support import city

KEY = "s" * 40
OTHER_KEY = "t" * 40


@pytest.fixture
def http(resumed: Http) -> Http:
    """Nobody who is let in changes anything, so that the file has one city of each kind."""
    return resumed


def claims(good: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {name: value for name, value in (good | change).items() if value is not None}


def read(token: str) -> dict[str, Any]:
    """What stands in a token, which anybody may read."""
    return jwt.decode(token, options={"verify_signature": False})


def unsigned(content: dict[str, Any]) -> str:
    """What `alg: none` looks like."""
    parts = ({"alg": "none", "typ": "JWT"}, content)
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts) + "."


def visit() -> str:
    """The cookie of the pages, which is signed with the same key."""
    content = {"sid": uuid4().hex, "person": city.OWNER, "since": int(datetime.now(UTC).timestamp())}
    return str(URLSafeTimedSerializer(KEY, salt="spiral-session").dumps(content))


async def test_a_token_that_is_not_wholly_ours_lets_nobody_in(http: Http) -> None:
    good = read(http.token(city.OWNER))
    assert (
        await http.client.get("/api/v1/me", headers={"Authorization": f"Bearer {http.token(city.OWNER)}"})
    ).is_success
    past = int((datetime.now(UTC) - timedelta(minutes=5)).timestamp())
    later = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
    forged = {
        "another key": jwt.encode(good, OTHER_KEY, algorithm="HS256"),
        "another algorithm": jwt.encode(good, KEY * 2, algorithm="HS512"),
        "no signature": unsigned(good),
        "another person, signature left": _with_payload(http.token(city.OWNER), claims(good, sub=city.UNIT_CHIEF)),
        "over": jwt.encode(claims(good, exp=past), KEY, algorithm="HS256"),
        "not yet": jwt.encode(claims(good, nbf=later), KEY, algorithm="HS256"),
        "without an end": jwt.encode(claims(good, exp=None), KEY, algorithm="HS256"),
        "of another issuer": jwt.encode(claims(good, iss="elsewhere"), KEY, algorithm="HS256"),
        "for somebody else's service": jwt.encode(claims(good, aud="elsewhere"), KEY, algorithm="HS256"),
        "of an id that nobody made": jwt.encode(claims(good, jti=uuid4().hex), KEY, algorithm="HS256"),
        "without an id": jwt.encode(claims(good, jti=None), KEY, algorithm="HS256"),
        "a key of its own": jwt.encode(good, OTHER_KEY, algorithm="HS256", headers={"jku": "https://evil.example/k"}),
        "a visit of the pages": visit(),
        "nothing": "",
        "two lines": "a\tb",
    }
    for what, token in forged.items():
        answer = await http.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert problem(answer)[0] == 401, what


async def test_the_name_in_a_token_counts_only_as_its_credential_was_made(http: Http) -> None:
    good = read(http.token(city.OWNER))
    stolen = jwt.encode(claims(good, sub=city.UNIT_CHIEF), KEY, algorithm="HS256")
    me = await http.client.get("/api/v1/me", headers={"Authorization": f"Bearer {stolen}"})
    assert me.json()["person_id"] == city.OWNER, "whoever has the key still acts as whom the token was made for"


async def test_a_cookie_of_the_pages_is_no_way_into_the_api(http: Http) -> None:
    for cookies in ({"spiral_session": visit()}, {"spiral_session": http.token(city.OWNER)}):
        http.client.cookies.update(cookies)
        assert problem(await http.call("GET", "/me", None))[0] == 401
        assert problem(await http.call("POST", "/initiatives", None, {}))[0] == 401


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PATCH", "PROPFIND"])
async def test_a_method_that_an_address_does_not_know_is_refused_by_name(http: Http, method: str) -> None:
    answer = await http.call(method, "/me")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


async def test_no_answer_is_for_another_origin(http: Http) -> None:
    for method in ("GET", "OPTIONS"):
        answer = await http.call(method, "/me", Origin="https://evil.example", Access_Control_Request_Method="PUT")
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"


def _with_payload(token: str, content: dict[str, Any]) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip('=')}.{signature}"
