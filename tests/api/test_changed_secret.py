"""The secret is changed while all goes on: tokens, visits and forms of before still count, unless it leaked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from itsdangerous import URLSafeTimedSerializer
from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.client import Client

from api.auth import ALGORITHM, ISSUER
from api.services.organisation.credentials import hand_out
from api.web.frame.session import SESSION
from engine.runtime.settings import Settings
from engine.runtime.signing import Purpose, SigningKeys
from engine.store.registers.tokens import Tokens
from tests.api.conftest import Http, problem, serving
from tests.support import city

OLD, NEW = "o" * 40, "n" * 40
HTML = {"Accept": "text/html"}


def token_of(database: Engine) -> tuple[str, str]:
    """A token under the old secret, as it is made now and as an earlier release made it."""
    made = hand_out(database, Settings(secret=SecretStr(OLD)), city.OWNER)
    claims = jwt.decode(made, options={"verify_signature": False})
    return made, jwt.encode(claims, OLD, algorithm=ALGORITHM)


def cookies(keys: list[str] | str) -> dict[str, str]:
    content = {"sid": "sid", "person": city.OWNER, "since": 4_000_000_000}
    return {SESSION: str(URLSafeTimedSerializer(keys, salt="spiral-session").dumps(content))}


async def _asked(http: Http, tokens: tuple[str, ...]) -> list[httpx.Response]:
    return [await http.call("GET", "/me", None, Authorization=f"Bearer {token}") for token in tokens]


async def _seen(http: Http, cookie: dict[str, str]) -> httpx.Response:
    http.client.cookies = httpx.Cookies(cookie)
    return await http.client.get("/", headers=HTML)


async def test_what_was_signed_before_still_counts_after_a_change(temporal: Client, database: Engine) -> None:
    secrets: dict[str, Any] = {"secret": SecretStr(NEW), "secret_previous": SecretStr(OLD)}
    async with serving(temporal, database, **secrets) as http:
        old = token_of(database)
        assert [one.status_code for one in await _asked(http, old)] == [200, 200]
        assert (await http.call("GET", "/me")).status_code == 200
        before = SigningKeys([OLD])
        page = await _seen(http, cookies(before.oldest_first(Purpose.SESSION)))
        assert page.status_code == 200
        assert (await _seen(http, cookies(OLD))).status_code == 200


async def test_a_page_that_was_open_while_the_secret_changed_can_be_sent(temporal: Client, sqlite: Engine) -> None:
    async with serving(temporal, sqlite, secret=SecretStr(OLD)) as http:
        page = await _seen(http, cookies(SigningKeys([OLD]).oldest_first(Purpose.SESSION)))
        token = page.text.split('name="csrf" value="')[1].split('"')[0]
    async with serving(temporal, sqlite, secret=SecretStr(NEW), secret_previous=SecretStr(OLD)) as http:
        await _seen(http, cookies(SigningKeys([OLD]).oldest_first(Purpose.SESSION)))
        sent = await http.client.post("/look", data={"theme": "dark", "csrf": token}, headers=HTML)
        assert sent.status_code == 303
        wrong = await http.client.post("/look", data={"theme": "dark", "csrf": token[::-1]}, headers=HTML)
        assert wrong.status_code == 403


@pytest.mark.parametrize("reads", ["payloads", None], ids=["leaked", "thrown away"])
async def test_nothing_signed_with_a_secret_that_is_over_counts(
    temporal: Client, sqlite: Engine, reads: str | None
) -> None:
    given: dict[str, Any] = {"secret": SecretStr(NEW)}
    if reads is not None:
        given |= {"secret_previous": SecretStr(OLD), "secret_previous_reads": reads}
    async with serving(temporal, sqlite, **given) as http:
        for answer in await _asked(http, token_of(sqlite)):
            assert problem(answer)[:2] == (401, "token_invalid")
        for signed in (OLD, SigningKeys([OLD]).oldest_first(Purpose.SESSION)):
            assert (await _seen(http, cookies(signed))).headers["location"] == "/sign-in"


async def test_a_token_is_no_session_s_and_a_session_s_key_signs_no_token(temporal: Client, sqlite: Engine) -> None:
    async with serving(temporal, sqlite, secret=SecretStr(NEW)) as http:
        made = hand_out(sqlite, http.office.settings, city.OWNER)
        held = Tokens(sqlite).listed()[0]
        until = datetime.now(UTC) + timedelta(days=1)
        claims = {"sub": held.holder, "jti": held.id, "iss": ISSUER, "exp": until}
        forged = jwt.encode(claims, SigningKeys([NEW]).signing(Purpose.SESSION), algorithm=ALGORITHM)
        assert [one.status_code for one in await _asked(http, (made, forged))] == [200, 401]
