"""A provider says that a session of its ended: only a word that is whole and in time ends a visit."""

import time
from typing import Any
from uuid import uuid4

import jwt
import pytest
from fastapi import FastAPI

from tests.web.test_sign_in_with_a_provider import (
    CLIENT,
    Provider,
    production,  # noqa: F401 - a fixture
    provider,  # noqa: F401 - as above
    through,
)


@pytest.mark.parametrize(
    ("change", "header"),
    [
        ({"exp": None}, {}),
        ({"exp": 1}, {}),
        ({"jti": None}, {}),
        ({"events": {}}, {}),
        ({"nonce": "n"}, {}),
        ({"aud": "somebody-else"}, {}),
        ({}, {"typ": "at+jwt"}),
    ],
    ids=["no end", "over", "no id", "no event", "with a nonce", "another audience", "another sort"],
)
async def test_only_a_word_of_an_end_that_is_whole_and_in_time_ends_a_visit_though_the_provider_signed_it(
    provider: Provider,  # noqa: F811 - the fixture
    production: FastAPI,  # noqa: F811 - as above
    change: dict[str, Any],
    header: dict[str, str],
) -> None:
    provider.claims["sid"] = session = uuid4().hex
    client, back = await through(production)
    assert back.headers["location"] == "/decisions"
    now = int(time.time())
    good = {
        "iss": provider.url, "aud": CLIENT, "iat": now, "exp": now + 60, "jti": uuid4().hex, "sid": session,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }  # fmt: skip

    async def told(claims: dict[str, Any], **more: str) -> int:
        said = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(said, provider.key, algorithm="RS256", headers={"kid": "k1", "typ": "logout+jwt"} | more)
        return (await client.post("/sign-in/provider/ended", data={"logout_token": token})).status_code

    assert await told(good | change, **header) == 400
    assert (await client.get("/")).status_code == 200
    assert await told(good) == 200
    assert (await client.get("/")).headers["location"] == "/sign-in"
