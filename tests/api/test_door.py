"""What the door answers before a body is read: who comes too often, and what nobody known or too long sends."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Engine
from temporalio.client import Client

from api.door.limits import MANY, RateLimit, address_of
from api.http import middleware
from api.web.frame.session import SESSION
from tests.api.conftest import Http, problem, serving
from tests.support import city

TOO_OFTEN = (429, "too_many_requests", [])


@pytest.fixture
def http(quiet: Http) -> Http:
    """Behind the door nobody need work."""
    return quiet


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
    async with serving(temporal, database, at_work=False, limits="on", limit_person=3) as http:
        answers = await asyncio.gather(*(http.call("GET", "/me", accept_language="en") for _ in range(20)))
        refused = [one for one in answers if one.status_code == 429]
        assert 0 < len(refused) < len(answers)
        assert problem(refused[0]) == TOO_OFTEN
        assert refused[0].headers["retry-after"] == "1"
        assert refused[0].json()["detail"] == "Too many requests; send it again in a while."
        assert (await http.call("GET", "/me", city.UNIT_CHIEF)).status_code == 200
        await asyncio.sleep(1.1)
        assert (await http.call("GET", "/me")).status_code == 200


async def test_an_address_that_asks_too_often_waits_whoever_asks(temporal: Client, sqlite: Engine) -> None:
    async with serving(temporal, sqlite, at_work=False, limits="on", limit_address=3) as http:
        first = await asyncio.gather(*(http.client.get("/healthz") for _ in range(40)))
        assert 429 in {one.status_code for one in first}
        japanese = {"Accept": "text/html", "Accept-Language": "ja"}
        pages = await asyncio.gather(*(http.client.get("/sign-in", headers=japanese) for _ in range(40)))
        page = next(one for one in pages if one.status_code == 429)
        assert page.headers["retry-after"] == "1"
        assert "要求が多すぎます" in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        elsewhere = httpx.ASGITransport(app=http.app, client=("192.0.2.9", 1))
        async with httpx.AsyncClient(transport=elsewhere, base_url="http://city") as other:
            assert (await other.get("/healthz")).status_code == 200


async def test_a_busy_office_meets_no_limit(temporal: Client, sqlite: Engine) -> None:
    async with serving(temporal, sqlite, at_work=False, limits="on") as http:
        answers = await asyncio.gather(*(http.call("GET", "/me") for _ in range(200)))
        assert {one.status_code for one in answers} == {200}


async def test_limits_can_be_turned_off(temporal: Client, sqlite: Engine) -> None:
    async with serving(temporal, sqlite, at_work=False, limits="off", limit_person=1, limit_address=1) as http:
        assert {(await http.call("GET", "/me")).status_code for _ in range(20)} == {200}


async def test_a_forged_name_uses_up_nobody_s_requests(temporal: Client, sqlite: Engine) -> None:
    async with serving(temporal, sqlite, at_work=False, limits="on", limit_person=2) as http:
        forged = http.token(city.OWNER)[:-6] + "aaaaaa"
        for _ in range(10):
            answer = await http.call("GET", "/me", None, Authorization=f"Bearer {forged}")
            assert answer.status_code == 401
        assert (await http.call("GET", "/me")).status_code == 200


class Unread:
    """A request whose body must not be asked for."""

    def __init__(self, http: Http) -> None:
        self.http, self.asked = http, 0

    async def post(self, path: str, **headers: str) -> httpx.Response:
        app = self.http.app

        async def watched(scope: object, receive: object, send: object) -> None:
            async def counted() -> object:
                self.asked += 1
                return await receive()  # type: ignore[operator]

            await app(scope, counted, send)  # type: ignore[arg-type]

        transport = httpx.ASGITransport(app=watched, raise_app_exceptions=False)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=transport, base_url="http://city") as client:
            return await client.post(path, content=b" " * 1000, headers=named)


def visit(person: str | None, since: int = 4_000_000_000) -> str:
    content = {"sid": "sid", "person": person, "since": since}
    return f"{SESSION}={URLSafeTimedSerializer('s' * 40, salt='spiral-session').dumps(content)}"


async def test_nothing_is_read_of_who_is_not_known(http: Http) -> None:
    unread = Unread(http)
    assert problem(await unread.post("/api/v1/initiatives"))[:2] == (401, "not_signed_in")
    assert problem(await unread.post("/api/v1/initiatives", authorization="Bearer x.y.z"))[:2] == (
        401,
        "token_invalid",
    )
    stranger = await unread.post("/api/v1/nothing-here", authorization=f"Bearer {http.token('stranger')}")
    assert problem(stranger)[:2] == (401, "unknown_caller")
    assert stranger.headers["www-authenticate"] == "Bearer"
    page = await unread.post("/cycles/c-1/files", accept="text/html")
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in")
    long = await unread.post("/start", accept="text/html", content_length="64001")
    assert (long.status_code, long.headers["location"]) == (303, "/sign-in")
    assert problem(await unread.post("/start", cookie=visit(None)))[:2] == (401, "session_ended")
    assert unread.asked == 0


async def test_nothing_is_read_of_what_says_that_it_is_too_long(http: Http) -> None:
    unread, bearer = Unread(http), f"Bearer {http.token(city.OWNER)}"
    long = {"authorization": bearer, "content_length": "1000001"}
    answer = await unread.post("/api/v1/initiatives", accept_language="en", **long)
    assert problem(answer)[:2] == (413, "too_large")
    assert answer.json()["detail"] == "The body is too long (at most 1 MB)."
    over = visit(city.OWNER, since=1)
    file = await unread.post("/cycles/c-1/files", cookie=over, content_length="1000001")
    assert problem(file)[:2] == (401, "session_ended")
    look = await unread.post("/look", content_length="64001", accept_language="ja")
    assert (look.status_code, look.json()["detail"]) == (413, "本文が長すぎます(上限 64 kB)。")
    page = await unread.post("/look", content_length="64001", accept_language="ja", accept="text/html")
    assert (page.status_code, "本文が長すぎます(上限 64 kB)。" in page.text) == (413, True)
    assert unread.asked == 0


async def test_what_was_typed_before_the_visit_ended_is_still_read(http: Http) -> None:
    for cookie in (visit(city.OWNER, since=1), visit(None), ""):
        head = {"Accept": "text/html", "Cookie": cookie}
        answer = await http.client.post("/start", data={"title": "長い題"}, headers=head)
        assert (answer.status_code, "長い題" in answer.text) == (401, True)


async def test_a_body_that_does_not_say_how_long_it_is_is_read_no_further_than_its_limit(
    http: Http, served: str
) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while taken < 200_000_000:
            taken += 100_000
            yield b" " * 100_000

    head = {"Authorization": f"Bearer {http.token(city.OWNER)}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=served, timeout=120, trust_env=False) as client:
        answer = await client.post("/api/v1/initiatives", content=endless(), headers=head)
    assert problem(answer)[:2] == (413, "too_large")


async def test_a_body_that_stops_half_way_is_waited_for_no_longer_than_its_time(
    http: Http, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "PATIENCE", 0.2)
    url = httpx.URL(served)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"Host: {url.host}\r\nAuthorization: Bearer {http.token(city.OWNER)}\r\nContent-Length: 1000\r\n"
    writer.write(f"POST /api/v1/initiatives HTTP/1.1\r\n{head}\r\n{{".encode())
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"too_slow"' in answer
