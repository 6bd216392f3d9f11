"""Long lists come in pages: every link leads on, nothing is shown twice or left out; counts are of the whole."""

import re
from html import unescape
from typing import Any

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer

from api.web.frame.session import SESSION
from bench.seeding import Seeded, seed
from engine.domain.access.reading import EVERYTHING
from tests.api.conftest import Http

pytestmark = pytest.mark.slow

NEXT = re.compile(r'<a class="button" rel="next" href="([^"]+)"')
LARGEST = 100_000

MAYOR = "p001"
"""Reads whatever is not restricted: everybody stands below."""


@pytest.fixture
def seeded(http: Http) -> Seeded:
    return seed(http.office.database, 190)


async def page(http: Http, person: str, path: str) -> str:
    content = {"sid": "x", "person": person, "since": 4_000_000_000}
    cookie = str(URLSafeTimedSerializer("s" * 40, salt="spiral-session").dumps(content))
    http.client.cookies = httpx.Cookies({SESSION: cookie})
    answer = await http.client.get(path)
    assert answer.status_code == 200, answer.text
    assert len(answer.content) < LARGEST
    return answer.text


async def following(http: Http, person: str, path: str, pattern: str) -> list[str]:
    """What every page from `path` on shows, in order."""
    found: list[str] = []
    more: str | None = path
    while more is not None:
        text = await page(http, person, more)
        found += re.findall(pattern, text)
        link = NEXT.search(text)
        more = unescape(link[1]) if link else None
    return found


async def test_managers_reach_each_matter_of_theirs_and_below_them_once_in_order(http: Http, seeded: Seeded) -> None:
    desk, facts = http.app.state.desk, http.app.state.directory.facts()
    expected = [(one.due_at, one.cycle_id) for one in desk.work.inbox(seeded.manager, facts)]
    assert len(expected) > 40
    shown = await following(http, seeded.manager, "/decisions", r'name="item" value="([^@]+)@')
    assert shown == [cycle for _, cycle in sorted(expected)]
    first = await page(http, seeded.manager, "/decisions")
    assert f'<span class="count">{len(expected)}</span>' in first
    assert len(re.findall('name="item"', first)) < len(expected)

    whole = desk.work.below("p001", facts, EVERYTHING)
    assert len(whole) > 50
    first = await page(http, "p001", "/decisions")
    assert f"({len(whole)})</summary>" in first
    assert 'href="/decisions?part=below"' in first
    shown = await following(http, "p001", "/decisions?part=below", r'"inbox-title"><a href="/decisions/([^"]+)"')
    assert shown == [one.cycle_id for one in whole]


async def test_every_initiative_under_a_startup_and_every_offer_is_reached_once(http: Http, seeded: Seeded) -> None:
    wall = (await http.call("GET", "/roadmap?initiatives=2", MAYOR)).json()
    most = max(wall["startups"], key=lambda one: one["initiatives_count"])
    assert most["initiatives_count"] > len(most["initiatives"]) == 2
    code = most["code"]
    assert f'href="/roadmap/startups/{code}"' in await page(http, MAYOR, "/roadmap")
    shown = await following(http, MAYOR, f"/roadmap/startups/{code}", r'<li><a href="/initiatives/([^"]+)"')
    assert len(shown) == len(set(shown)) == most["initiatives_count"]
    items, cursor = [], ""
    while cursor is not None:
        one = (await http.call("GET", f"/roadmap/startups/{code}/initiatives?limit=3{cursor}", MAYOR)).json()
        items += [each["id"] for each in one["items"]]
        cursor = one["next_cursor"] and f"&cursor={one['next_cursor']}"
    assert items == shown
    assert [one["id"] for one in most["initiatives"]] == shown[:2]
    every = (await http.call("GET", "/offers?limit=200", seeded.owner)).json()
    assert every["next_cursor"] is None
    offered = await following(http, seeded.owner, "/offers", r'<h3><a href="/library/([^"]+)"')
    assert sorted(offered) == sorted(one["case_id"] for one in every["items"])
    assert len(offered) > 20
    gone = await http.call("GET", "/roadmap/startups/none/initiatives", seeded.owner)
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown_startup")


async def test_an_owner_reaches_each_cycle_once_and_so_does_a_program_in_the_inbox(
    http: Http, seeded: Seeded
) -> None:
    counts = http.app.state.desk.reader.desk(seeded.owner)
    found: list[str] = []
    first = await page(http, seeded.owner, "/")
    for part in ("mine", "others", "ended"):
        shown = await following(http, seeded.owner, f"/?part={part}", r'<h3><a href="/cycles/([^"]+)"')
        assert len(shown) <= 8 or f'href="/?part={part}"' in first
        found += shown
    assert len(found) == len(set(found)) == sum(counts.values()) > 30

    whole = (await http.call("GET", "/inbox?below=true", seeded.manager)).json()
    assert whole["next_cursor"] is None
    items: list[Any] = []
    cursor = ""
    while True:
        one = (await http.call("GET", f"/inbox?below=true&limit=20{cursor}", seeded.manager)).json()
        items += one["items"]
        if one["next_cursor"] is None:
            break
        assert len(one["items"]) == 20
        cursor = f"&cursor={one['next_cursor']}"
    assert items == whole["items"]
    refused = await http.call("GET", "/inbox?cursor=nonsense", seeded.manager)
    assert refused.status_code == 422
