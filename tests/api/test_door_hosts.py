"""Under which names the city answers: its own, and no name that somebody else made lead here."""

import httpx
import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from api.door.hosts import TrustedHosts, host_of
from engine.runtime.settings import Settings
from tests.api.conftest import Http, problem, serving


@pytest.mark.parametrize(
    ("settings", "yes", "no"),
    [
        ({}, "127.0.0.1:8000 localhost [::1]:8000 LOCALHOST.", "127.0.0.1.evil.example 10.0.0.7 a@localhost"),
        ({"public_url": "https://a.city.lg.jp/x"}, "a.city.lg.jp a.city.lg.jp:443 localhost", "city.lg.jp"),
        ({"hosts": "a.example, *.city.lg.jp"}, "a.example b.city.lg.jp a.b.city.lg.jp", "city.lg.jp evilcity.lg.jp"),
        ({"host": "10.1.2.3"}, "10.1.2.3:8000 127.0.0.1", "10.1.2.4 [2001:db8::1]"),
        ({"host": "0.0.0.0"}, "10.1.2.3:8000 [2001:db8::1]:80 localhost", "spiral-pc evil.example"),
        ({"host": "::"}, "10.1.2.3 [fe80::1]", "evil.example"),
        ({"hosts": "*"}, "anything.example", ""),
    ],
    ids=["as it is", "public", "given", "one address", "everywhere", "everywhere in v6", "any"],
)  # fmt: skip
def test_the_city_answers_under_its_own_names_only(settings: dict[str, str], yes: str, no: str) -> None:
    hosts = TrustedHosts(Settings(**settings))  # type: ignore[arg-type]
    assert [name for name in yes.split() if not hosts.allows(name)] == []
    assert [name for name in no.split() if hosts.allows(name)] == []
    assert [name for name in ("", ":80", "[", "[::1", "//") if hosts.allows(name)] == []


def test_a_host_is_read_without_what_stands_around_it() -> None:
    assert [host_of(one) for one in ("A.example.:80", "[::1]:1", "x", "")] == ["a.example", "::1", "x", ""]


async def test_another_name_is_told_what_to_do_in_one_sentence(http: Http) -> None:
    asked = await http.call("GET", "/me", Host="evil.example:80", accept_language="en")
    assert problem(asked)[:2] == (400, "unknown_host")
    assert asked.json()["detail"].startswith("evil.example is no address of this city.")
    assert "SPIRAL_HOSTS" in asked.json()["detail"]
    head = {"Host": "evil.example", "Accept": "text/html", "Accept-Language": "ja"}
    page = await http.client.get("/sign-in", headers=head)
    assert (page.status_code, "evil.example は、この市のアドレスではありません" in page.text) == (400, True)
    assert "set-cookie" not in page.headers
    assert (await http.client.get("/healthz", headers={"Host": "10.0.0.9"})).status_code == 200


async def test_a_name_that_holds_markup_is_shown_as_text(temporal: Client, sqlite: Engine) -> None:
    async with serving(temporal, sqlite) as http:
        transport = httpx.ASGITransport(app=http.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://city") as client:
            page = await client.get("/", headers={"Host": "<b>x</b>", "Accept": "text/html"})
    assert (page.status_code, "<b>x" in page.text) == (400, False)
