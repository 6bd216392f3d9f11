"""What the door answers before anything is read or asked: who comes too often."""

import asyncio

import httpx
import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from api.door.limits import MANY, RateLimit, address_of
from tests.api.conftest import problem, serving
from tests.support import city

TOO_OFTEN = (429, "too_many_requests", [])


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_limit_lets_a_second_s_worth_through_at_once_and_then_one_by_one() -> None:
    clock = Clock()
    limit = RateLimit(4, clock)
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 0]
    assert limit.wait("a") == pytest.approx(0.25)
    assert limit.wait("a") == pytest.approx(0.25)  # what is refused costs nothing
    assert limit.wait("b") == 0
    clock.now += 0.25
    assert [limit.wait("a"), limit.wait("a") > 0] == [0, True]
    clock.now += 100
    assert [limit.wait("a") == 0 for _ in range(5)] == [True, True, True, True, False]


def test_who_has_been_quiet_is_forgotten_and_who_has_not_is_not() -> None:
    clock = Clock()
    limit = RateLimit(1, clock)
    for number in range(MANY):
        limit.wait(f"once {number}")
    clock.now += 2
    limit.wait("loud")
    assert len(limit._paid_until) == 1
    assert limit.wait("loud") > 0


@pytest.mark.parametrize(
    ("client", "counted_as"),
    [
        (("192.0.2.7", 1), "192.0.2.7"),
        (("::ffff:192.0.2.7", 1), "192.0.2.7"),
        (("2001:db8:1:2:3::4", 1), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 1), "fe80::/64"),
        (("testclient", 1), "testclient"),
        (None, "here"),
    ],
)
def test_an_office_s_ipv6_network_is_one_address(client: tuple[str, int] | None, counted_as: str) -> None:
    assert address_of(client) == counted_as


async def test_a_person_who_asks_too_often_waits_and_others_do_not(temporal: Client, database: Engine) -> None:
    async with serving(temporal, database, limits="on", limit_person=3) as http:
        answers = await asyncio.gather(*(http.call("GET", "/me", accept_language="en") for _ in range(20)))
        refused = [one for one in answers if one.status_code == 429]
        assert len(refused) >= 10
        assert problem(refused[0]) == TOO_OFTEN
        assert refused[0].headers["retry-after"] == "1"
        assert refused[0].json()["detail"] == "Too many requests; send it again in a while."
        assert (await http.call("GET", "/me", city.UNIT_CHIEF)).status_code == 200
        await asyncio.sleep(1.1)
        assert (await http.call("GET", "/me")).status_code == 200


async def test_an_address_that_asks_too_often_waits_whoever_asks(temporal: Client, sqlite: Engine) -> None:
    async with serving(temporal, sqlite, limits="on", limit_address=3) as http:
        first = await asyncio.gather(*(http.client.get("/healthz") for _ in range(40)))
        assert 429 in {one.status_code for one in first}
        page = await http.client.get("/sign-in", headers={"Accept": "text/html", "Accept-Language": "ja"})
        assert (page.status_code, page.headers["retry-after"]) == (429, "1")
        assert "要求が多すぎます" in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        elsewhere = httpx.ASGITransport(app=http.app, client=("192.0.2.9", 1))
        async with httpx.AsyncClient(transport=elsewhere, base_url="http://city") as other:
            assert (await other.get("/healthz")).status_code == 200


async def test_a_busy_office_meets_no_limit(temporal: Client, sqlite: Engine) -> None:
    async with serving(temporal, sqlite, limits="on") as http:
        answers = await asyncio.gather(*(http.call("GET", "/me") for _ in range(200)))
        assert {one.status_code for one in answers} == {200}


async def test_limits_can_be_turned_off(temporal: Client, sqlite: Engine) -> None:
    async with serving(temporal, sqlite, limits="off", limit_person=1, limit_address=1) as http:
        assert {(await http.call("GET", "/me")).status_code for _ in range(20)} == {200}


async def test_a_forged_name_uses_up_nobody_s_requests(temporal: Client, sqlite: Engine) -> None:
    async with serving(temporal, sqlite, limits="on", limit_person=2) as http:
        forged = http.token(city.OWNER)[:-6] + "aaaaaa"
        for _ in range(10):
            answer = await http.call("GET", "/me", None, Authorization=f"Bearer {forged}")
            assert answer.status_code == 401
        assert (await http.call("GET", "/me")).status_code == 200
