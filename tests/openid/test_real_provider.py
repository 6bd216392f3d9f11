"""Signing in, leaving and asking the API with a certified provider, as a browser, a program and an attacker would."""

import base64
import hashlib
import re
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from api.services.organisation.credentials import WantedToken, make
from engine.store.database import open_database
from tests.openid.conftest import AUDIENCE, PASSWORD, PROGRAM, City

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
TSUJI: dict[str, Any] = {"email": "p093@city.example", "email_verified": True}
ADMIN: dict[str, Any] = {"email": "p003@city.example", "email_verified": True}


async def signed_in(city: City, account: str, browser: httpx.AsyncClient, following: str = "/") -> httpx.Response:
    city.provider.signs_in(account)
    return await browser.get("/sign-in/provider", params={"next": following})


async def access_token(city: City, account: str) -> str:
    """What a program of the person's own gets: the same flow, its code turned into tokens by the program."""
    city.provider.signs_in(account)
    verifier = "v" * 60
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    back = f"{city.url}/sign-in/provider/back"
    asked = {
        "client_id": "spiral", "response_type": "code", "scope": "openid email api", "redirect_uri": back,
        "code_challenge": challenge, "code_challenge_method": "S256", "resource": AUDIENCE,
    }  # fmt: skip
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(f"{city.provider.url}/auth", params=asked)
        for _ in range(10):  # login, consent, back
            if answer.headers["location"].startswith(back):
                break
            answer = await browser.get(httpx.URL(city.provider.url).join(answer.headers["location"]))
        code = httpx.URL(answer.headers["location"]).params["code"]
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier,
            "resource": AUDIENCE,
        }  # fmt: skip
        got = await browser.post(f"{city.provider.url}/token", data=form, auth=("spiral", PASSWORD))
    return str(got.raise_for_status().json()["access_token"])


async def program_token(city: City) -> str:
    form = {"grant_type": "client_credentials", "scope": "api", "resource": AUDIENCE}
    async with httpx.AsyncClient(trust_env=False) as client:
        got = await client.post(f"{city.provider.url}/token", data=form, auth=(PROGRAM, PASSWORD))
    return str(got.raise_for_status().json()["access_token"])


async def me(city: City, token: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=city.url, trust_env=False) as client:
        return await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})


async def test_a_person_signs_in_lands_where_they_were_going_and_the_account_is_theirs(city: City) -> None:
    city.provider.knows(a1=TSUJI)
    async with city.browser() as browser:
        landed = await signed_in(city, "a1", browser, "/decisions")
    assert (landed.status_code, landed.url.path) == (200, "/decisions")
    (account,) = city.app.state.desk.sign_ins.of("p093")
    assert (account.issuer, account.subject) == (city.provider.url, "a1")


async def test_an_address_counts_once_it_was_verified_and_the_account_counts_from_then_on(city: City) -> None:
    doubtful = TSUJI | {"email_verified": False}
    city.provider.knows(a1=doubtful)
    async with city.browser() as browser:
        assert (await signed_in(city, "a1", browser)).status_code == 403
    city.provider.knows(a1=TSUJI)
    async with city.browser() as browser:
        assert (await signed_in(city, "a1", browser)).status_code == 200
    city.provider.knows(a1=doubtful | {"email": "married@city.example"})
    async with city.browser() as browser:
        assert "辻 千尋" in (await signed_in(city, "a1", browser)).text


async def test_who_is_given_the_mailbox_of_somebody_else_is_not_that_person_until_an_administrator_says_so(
    city: City,
) -> None:
    city.provider.knows(a1=TSUJI, a2=TSUJI, admin=ADMIN)
    async with city.browser() as browser:
        assert (await signed_in(city, "a1", browser)).status_code == 200
    async with city.browser() as browser:
        refused = await signed_in(city, "a2", browser)
    assert refused.status_code == 403
    assert "another account" in refused.text
    async with httpx.AsyncClient(base_url=city.url, trust_env=False) as client:
        bearer = {"Authorization": f"Bearer {await _admin(city)}"}
        held = await client.get("/api/v1/people/p093/accounts", headers=bearer)
        assert [one["subject"] for one in held.json()["items"]] == ["a1"]
        assert (await client.delete("/api/v1/people/p093/accounts", headers=bearer)).status_code == 204
    async with city.browser() as browser:
        assert (await signed_in(city, "a2", browser)).status_code == 200


async def _admin(city: City) -> str:
    city.provider.knows(a1=TSUJI, a2=TSUJI, admin=ADMIN)
    async with city.browser() as browser:
        assert (await signed_in(city, "admin", browser)).status_code == 200
    return await access_token(city, "admin")


async def test_the_provider_may_change_its_keys_while_the_city_runs(city: City) -> None:
    city.provider.knows(a1=TSUJI)
    async with city.browser() as browser:
        assert (await signed_in(city, "a1", browser)).status_code == 200
    city.app.state.desk.openid._keys = (-1e9, city.app.state.desk.openid._keys[1])  # asked for some time ago
    city.provider.stop()
    city.provider.start()
    city.provider.knows(a1=TSUJI)
    async with city.browser() as browser:
        assert (await signed_in(city, "a1", browser)).status_code == 200


async def test_leaving_here_ends_the_session_there_without_a_question_and_leads_back(city: City) -> None:
    city.provider.knows(a1=TSUJI)
    async with city.browser() as browser:
        page = (await signed_in(city, "a1", browser)).text
        csrf = page.split('name="csrf" value="')[1].split('"')[0]
        asked = await browser.post("/sign-out", data={"csrf": csrf}, follow_redirects=False)
        there = httpx.URL(asked.headers["location"])
        claims = jwt.decode(there.params["id_token_hint"], options={"verify_signature": False})
        assert (claims["sub"], there.params["post_logout_redirect_uri"]) == ("a1", f"{city.url}/sign-in")
        left = await _confirmed(browser, await browser.get(there))
        assert left.url.path == "/sign-in"
        assert (await browser.get("/")).url.path == "/sign-in"


async def test_a_session_that_ends_at_the_provider_ends_the_visit_that_came_from_it_and_no_other(city: City) -> None:
    city.provider.knows(a1=TSUJI)
    async with city.browser() as here, city.browser() as elsewhere:
        for browser in (here, elsewhere):
            assert (await signed_in(city, "a1", browser)).url.path == "/"
        ended = await _confirmed(here, await here.get(f"{city.provider.url}/session/end"))
        assert ended.status_code in {200, 204}
        assert (await here.get("/")).url.path == "/sign-in"
        assert (await elsewhere.get("/")).url.path == "/"


async def _confirmed(browser: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    """Says yes where the provider asks whether to leave."""
    found = re.search(r'action="([^"]+)".*?name="xsrf" value="([^"]+)"', page.text, re.DOTALL)
    assert found is not None, page.text
    return await browser.post(found[1], data={"xsrf": found[2], "logout": "yes"})


@pytest.mark.parametrize(
    "change",
    [{"events": {}}, {"nonce": "n"}, {"aud": "somebody-else"}, {"iss": "https://other.example"}, {}],
    ids=["no event", "with a nonce", "another audience", "another issuer", "another key"],
)
async def test_a_word_of_an_end_that_the_provider_did_not_sign_ends_nothing(
    city: City, change: dict[str, Any]
) -> None:
    city.provider.knows(a1=TSUJI)
    async with city.browser() as browser:
        await signed_in(city, "a1", browser)
        claims = {
            "iss": city.provider.url, "aud": "spiral", "iat": 1, "jti": "j", "sub": "a1",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        } | change  # fmt: skip
        forged = jwt.encode(claims, rsa.generate_private_key(65537, 2048), algorithm="RS256")
        answer = await browser.post("/sign-in/provider/ended", data={"logout_token": forged})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
        assert (await browser.get("/")).url.path == "/"


@pytest.mark.parametrize("more", [{"oidc_acr": "urn:strong"}])
@pytest.mark.parametrize("strong", [True, False])
async def test_asking_again_wants_the_strength_that_the_city_named(city: City, *, strong: bool) -> None:
    city.provider.knows(a1=ADMIN | ({"acr": "urn:strong"} if strong else {"acr": "urn:weak"}))
    async with city.browser() as browser:
        assert (await signed_in(city, "a1", browser)).status_code == 200
        again = await browser.get("/sign-in/provider", params={"again": "true", "next": "/admin"})
    assert (again.status_code, again.url.path) == ((200, "/admin") if strong else (403, "/sign-in/provider/back"))


@pytest.mark.parametrize("more", [{"oidc_group": "dx-spiral"}])
async def test_only_accounts_of_the_group_are_let_in_where_the_city_names_one(city: City) -> None:
    city.provider.knows(a1=TSUJI | {"groups": ["mail", "dx-spiral"]}, a2=ADMIN | {"groups": ["mail"]}, a3=ADMIN)
    for account, expected in (("a1", 200), ("a2", 403), ("a3", 403)):
        async with city.browser() as browser:
            assert (await signed_in(city, account, browser)).status_code == expected, account


@pytest.mark.parametrize("more", [{"oidc_claim": "employee_number"}])
async def test_a_personnel_number_says_who_it_is(city: City) -> None:
    city.provider.knows(a1={"employee_number": "p093"}, a2={"employee_number": "nobody"})
    async with city.browser() as browser:
        assert "辻 千尋" in (await signed_in(city, "a1", browser)).text
    async with city.browser() as browser:
        assert (await signed_in(city, "a2", browser)).status_code == 403


async def test_the_provider_s_access_token_speaks_to_the_api_for_whom_the_account_stands(city: City) -> None:
    city.provider.knows(a1=TSUJI)
    token = await access_token(city, "a1")
    assert (await me(city, token)).status_code == 401, "nobody has signed in with this account yet"
    async with city.browser() as browser:
        await signed_in(city, "a1", browser)
    answer = await me(city, token)
    assert (answer.status_code, answer.json()["person_id"]) == (200, "p093")
    head, body, signature = token.split(".")
    assert (await me(city, f"{head}.{body}.{signature[::-1]}")).status_code == 401


async def test_a_program_comes_with_the_provider_s_token_and_may_what_our_register_says(city: City) -> None:
    token = await program_token(city)
    assert (await me(city, token)).status_code == 401, "the register does not know it"
    database = open_database(city.settings.database_url)
    make(database, city.settings, WantedToken(f"service:{PROGRAM}", 30, "毎月の集計", read_only=True))
    database.dispose()
    answer = await me(city, token)
    assert (answer.status_code, answer.json()["person_id"]) == (200, f"service:{PROGRAM}")


@pytest.mark.parametrize("more", [{"oidc_audience": None}])
async def test_without_an_audience_no_token_of_the_provider_is_taken(city: City) -> None:
    assert (await me(city, await program_token(city))).status_code == 401
