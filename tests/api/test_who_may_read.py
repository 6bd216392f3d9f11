"""Whoever may not read a cycle finds it nowhere: every GET address of API and pages, each role, each level.

An address that is not in the table fails, so a new one has to say what it shows.
"""

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer

from api.auth import caller_of
from api.http.event_stream import Feed
from api.services.cycles import readable_by
from api.web.frame.session import SESSION
from engine.domain.cycle import commands as c
from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.deliverables import Deliverable
from engine.domain.review.review import Action
from tests.api.conftest import Http
from tests.support import city

SECRET = "秘めごと"
OUTSIDE = {city.OTHER, city.ADMIN}
LINE = {city.OWNER, city.UNIT_CHIEF, city.SECTION_HEAD, city.DIRECTOR, city.MAYOR}
READERS = {
    "draft": LINE,
    "office": LINE | OUTSIDE,
    "concerned": LINE,
    "restricted": {city.OWNER, city.UNIT_CHIEF},
}
"""Who reads the cycle below; its chief has decided every step of it."""
OF_A_CYCLE = {
    "/api/v1/cycles/{cycle}": [""],
    "/api/v1/cycles/{cycle}/attachments": [""],
    "/api/v1/cycles/{cycle}/attachments/{n}": [""],
    "/api/v1/cycles/{cycle}/decision-sheet.pdf": [""],
    "/api/v1/cycles/{cycle}/events": [""],
    "/api/v1/cycles/{cycle}/route": [""],
    "/api/v1/cycles/{cycle}/similar": [""],
    "/api/v1/cycles/{cycle}/versions": [""],
    "/api/v1/cycles/{cycle}/versions/{a}/diff/{b}": [""],
    "/api/v1/cycles/{cycle}/versions/{n}": [""],
    "/api/v1/cases/{case}": [""],
    "/api/v1/cases/{case}/adoptions": [""],
    "/api/v1/cases/{case}/sheet.pdf": [""],
    "/api/v1/initiatives/{initiative}": [""],
    "/api/v1/initiatives/{initiative}/lineage": [""],
    "/cycles/{cycle}": [""],
    "/cycles/{cycle}/decision-sheet.pdf": [""],
    "/cycles/{cycle}/files/{n}": [""],
    "/cycles/{cycle}/rounds/{step}/{number}": [""],
    "/cycles/{cycle}/versions": [""],
    "/cycles/{cycle}/versions/compare": ["?a=1&b=1"],
    "/cycles/{cycle}/versions/{a}/{b}": [""],
    "/cycles/{cycle}/versions/{n}": [""],
    "/decisions/{cycle}": [""],
    "/initiatives/{initiative}": [""],
    "/initiatives/{initiative}/spiral.svg": [""],
    "/library/{case}": [""],
    "/library/{case}/sheet.pdf": [""],
}
"""Addresses of one cycle: they are not there for who may not read it."""
LISTS = {
    "/api/v1/cycles": ["", f"?q={SECRET}", "?owner=owner", "?waiting_for=chief"],
    "/api/v1/initiatives": ["", f"?q={SECRET}"],
    "/api/v1/cases": ["", f"?q={SECRET}"],
    "/api/v1/dashboard/quality": [""],
    "/api/v1/dashboard/spread": [""],
    "/api/v1/dashboard/stories": [""],
    "/api/v1/dashboard/waiting": [""],
    "/api/v1/dashboard": [""],
    "/api/v1/adoptions": [""],
    "/api/v1/effects": [""],
    "/api/v1/inbox": ["?below=true"],
    "/api/v1/inbox/history": [""],
    "/api/v1/me/calendar.ics": [""],
    "/api/v1/me/outbox": [""],
    "/api/v1/me": [""],
    "/api/v1/outbox": [""],
    "/api/v1/offers": [""],
    "/api/v1/roadmap": [""],
    "/api/v1/exports/{what}.{file_format}": [
        f"{what}.{kind}"
        for what, kinds in {
            "initiatives": "csv json xlsx",
            "cases": "csv json xlsx",
            "effects": "csv json xlsx",
            "events": "csv json xlsx xes ocel",
        }.items()
        for kind in kinds.split()
    ],
    "/": [""],
    "/city": [""],
    "/city/cycles": [f"?part={part}" for part in ("under_way", "completed", "waits_for_owner", "measured", "grown")],
    "/decisions": ["", "?part=below"],
    "/history": [""],
    "/library": ["", f"?q={SECRET}"],
    "/notices": [""],
    "/offers": [""],
    "/roadmap": [""],
}
"""Everything else that speaks of cycles: it leaves out what may not be read."""
SILENT = {
    "/access-log", "/access-log.csv", "/api/v1/access-log", "/api/v1/access-log.csv",
    "/api/v1/absences", "/api/v1/calendar/{token}.ics", "/api/v1/credentials", "/api/v1/live", "/api/v1/me/notices",
    "/api/v1/offers/{offer}", "/api/v1/policies", "/api/v1/policies/{number}", "/api/v1/roadmap/editions",
    "/api/v1/roadmap/editions/{a}/diff/{b}", "/api/v1/roadmap/startups/{startup}/initiatives",
    "/api/v1/roadmap/startups/{startup}/milestones/{milestone}/reports", "/api/v1/stream", "/api/v1/webhooks",
    "/api/v1/webhooks/{webhook}", "/api/v1/webhooks/{webhook}/deliveries", "/absences", "/access", "/admin",
    "/admin/notices", "/admin/organisation", "/admin/policy", "/admin/webhooks", "/docs", "/docs/start.js",
    "/healthz", "/live", "/metrics", "/openapi.json", "/readyz", "/roadmap/editions",
    "/roadmap/startups/{startup}", "/sign-in", "/sign-in/provider", "/sign-in/provider/back", "/start", "/words",
}  # fmt: skip
"""Addresses that name no cycle, or are tried below and in tests of their own (streams, offers, startups)."""


def telling(deliverable: Deliverable) -> Deliverable:
    """The same with a secret in every text that is free."""
    content = json.loads(deliverable.model_dump_json(by_alias=True))
    free = {"ideal_statement", "what", "learned", "rollback", "side_effects", "summary", "lessons_failed", "cause"}

    def told(value: Any, name: str = "") -> Any:
        match value:
            case str() if name in free:
                return f"{value}{SECRET}"
            case list():
                return [told(one, name) for one in value]
            case dict():
                return {key: told(one, key) for key, one in value.items()}
            case _:
                return value

    return type(deliverable).model_validate(told(content))


async def found_at(http: Http, path: str, person: str) -> httpx.Response:
    content = {"sid": "x", "person": person, "since": 4_000_000_000}
    cookie = str(URLSafeTimedSerializer("s" * 40, salt="spiral-session").dumps(content))
    http.client.cookies = httpx.Cookies({SESSION: cookie})
    return await http.client.get(path, headers={"Authorization": f"Bearer {http.token(person)}"})


def words(answer: httpx.Response) -> str:
    """What an answer says, whatever it is written in."""
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    text = answer.text
    return text + text.encode().decode("unicode_escape", "ignore") if "\\u" in text else text


def templates(http: Http) -> set[str]:
    return {
        route.path for route in http.app.routes if "GET" in (getattr(route, "methods", None) or ()) and route.path
    } - {"/docs/oauth2-redirect"}


def addresses(kind: dict[str, list[str]], cycle: str) -> Iterator[str]:
    filled = {
        "{cycle}": cycle, "{case}": cycle, "{initiative}": cycle.rsplit("-", 1)[0], "{n}": "1", "{a}": "1",
        "{b}": "1", "{step}": "imagine", "{number}": "1",
    }  # fmt: skip
    for template, more in kind.items():
        path = template.removesuffix("{what}.{file_format}")
        for name, value in filled.items():
            path = path.replace(name, value)
        yield from (path + one for one in more)


def page() -> str:
    """The table as a page of the guides."""
    people = {
        city.OWNER: "owner", city.UNIT_CHIEF: "head of the unit, who decided it", city.SECTION_HEAD: "head above",
        city.DIRECTOR: "head of the department", city.MAYOR: "head of the city", city.OTHER: "staff elsewhere",
        city.ADMIN: "administrator",
    }  # fmt: skip
    levels = "".join(
        f"| {who} | {' | '.join('reads' if person in READERS[level] else '404' for level in READERS)} |\n"
        for person, who in people.items()
    )
    found = "".join(f"| `{path}` | 404 |\n" for path in sorted(OF_A_CYCLE))
    found += "".join(f"| `{path}` | leaves it out |\n" for path in sorted(LISTS))
    return f"""# What each address shows to who may not read a cycle

The rules are in [who may read](../field/reading.md). This page is the table that a test goes through, person by
person and level by level; an address that is not in it fails the test.

## An initiative of one person, of which the head of the unit has decided every step

| Who | {" | ".join(READERS)} |
|{"---|" * (len(READERS) + 1)}
{levels}
Whoever the owner names reads at every level; the DX promotion team reads what is for those concerned.

## Addresses

| GET | Without the right to read |
|---|---|
{found}
Streams (`/api/v1/stream`, `/live`) ask anew for each event, webhooks have a ceiling, notices and mail go to nobody
who may not read. POST, PUT and DELETE on a cycle that somebody may not read answer 404 too.
"""


def test_the_guide_shows_the_same_table() -> None:
    root = Path(__file__).parents[2]
    assert (root / "docs/guides/who-reads.md").read_text(encoding="utf-8") == page()


async def test_every_address_is_in_the_table(http: Http) -> None:
    known = OF_A_CYCLE.keys() | LISTS.keys() | SILENT
    assert {one for one in templates(http) if one not in known and not one.startswith("/static")} == set()


async def assert_only(http: Http, cycle: str, readers: set[str], *, handed_in: bool) -> None:
    for person in sorted(LINE | OUTSIDE):
        listed = (await http.call("GET", f"/cycles?q={SECRET}", person)).json()["items"]
        assert [one["id"] for one in listed] == ([cycle] if person in readers else []), person
    for person in (city.OTHER, city.SECTION_HEAD, city.UNIT_CHIEF):
        reads = person in readers
        for path in addresses(OF_A_CYCLE, cycle):
            answer = await found_at(http, path, person)
            if not reads:
                assert (answer.status_code, SECRET in words(answer)) == (404, False), (path, person)
            elif handed_in:
                assert answer.status_code in {200, 303, 409}, (path, person, answer.text[:200])
        for path in addresses(LISTS, cycle):
            answer = await found_at(http, path, person)
            assert answer.status_code in {200, 403}, (path, person, answer.text[:200])
            text = words(answer).replace(f"q={SECRET}", "").replace(f'value="{SECRET}"', "")
            assert reads or SECRET not in text, (path, person)


@pytest.fixture
async def started(http: Http) -> str:
    cycle = await http.start(title=f"{SECRET}の窓口")
    file = {"file": (f"{SECRET}.pdf", b"%PDF-1.4 x", "application/pdf")}
    head = {"Authorization": f"Bearer {http.token(city.OWNER)}"}
    added = await http.client.post(f"/api/v1/cycles/{cycle}/attachments", files=file, headers=head)
    assert added.status_code == 201
    said = await http.call("POST", f"/cycles/{cycle}/comments", city.UNIT_CHIEF, {"text": f"{SECRET}だね @other"})
    assert said.status_code == 200
    draft = json.loads(telling(city.imagine()).model_dump_json(by_alias=True, exclude_defaults=True))
    assert (await http.call("PUT", f"/cycles/{cycle}/draft", json=draft)).status_code == 200
    return cycle


async def test_a_draft_is_there_for_owner_advisers_and_heads_in_the_line_alone(http: Http, started: str) -> None:
    await assert_only(http, started, READERS["draft"], handed_in=False)


async def test_a_result_is_there_for_whom_its_level_names_and_for_nobody_else(http: Http, started: str) -> None:
    office = http.office
    await office.hand_in(started, telling(city.imagine()))
    state = office.state(started)
    body = c.Decide(action=Action.RETURN, round=state.round, reason=f"{SECRET}を消して")
    await office.given(started, city.UNIT_CHIEF, body)
    for deliverable in (city.imagine(), city.transform(), city.realise(), city.share({"kind": "close"})):
        await office.hand_in(started, telling(deliverable))
        await office.decide(started)
    assert not office.state(started).status.is_open
    await assert_only(http, started, READERS["office"], handed_in=True)
    for level in ("concerned", "restricted"):
        await office.given(started, city.OWNER, SetVisibility(level=Visibility(level)))
        await assert_only(http, started, READERS[level], handed_in=True)
    await office.given(started, city.OWNER, SetVisibility(level=Visibility.RESTRICTED, readers=(city.OTHER,)))
    assert (await http.call("GET", f"/cycles/{started}", city.OTHER)).json()["readers"] == [city.OTHER]


async def test_who_may_not_read_a_cycle_can_do_nothing_with_it_either(http: Http, started: str) -> None:
    for call, body in (
        ("comments", {"text": "見た"}),
        ("submit", {}),
        ("withdraw", {"reason": "x"}),
        ("decisions", {"action": "approve", "round": 1}),
    ):
        answer = await http.call("POST", f"/cycles/{started}/{call}", city.OTHER, body)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_cycle"), call
    assert http.office.state(started).comments == 1


async def test_what_is_being_written_is_shown_to_the_line_alone_once_it_was_handed_in_too(
    http: Http, started: str
) -> None:
    await http.office.hand_in(started, city.imagine())
    await http.office.decide(started)
    await http.office.given(started, city.OWNER, c.SaveDraft(deliverable=telling(city.transform())))
    for person, shows in ((city.OWNER, True), (city.SECTION_HEAD, True), (city.OTHER, False)):
        seen = (await http.call("GET", f"/cycles/{started}", person)).json()["deliverables"]["transform"]
        assert bool(seen) == shows, person
        events = (await http.call("GET", f"/cycles/{started}/events", person)).json()["items"]
        drafts = [one["data"] for one in events if one["type"] == "draft_saved"]
        assert len(drafts) == 3
        assert all(("deliverable" in one) == shows for one in drafts), person


async def test_a_stream_tells_of_what_the_listener_may_read_at_that_moment(http: Http, started: str) -> None:
    feed: Feed = http.app.state.desk.feed
    desk = http.app.state.desk
    hidden = http.app.state.desk.reader.position()
    await http.office.hand_in(started, city.imagine())

    async def first(person: str, after: int) -> str | None:
        caller = caller_of(person, http.office.directory, "ja")
        listening = feed.listen(after, readable_by(caller, desk))
        try:
            async with asyncio.timeout(2):
                return (await anext(listening)).cycle_id
        except TimeoutError:
            return None

    assert await first(city.OTHER, hidden) == started
    await http.office.given(started, city.OWNER, SetVisibility(level=Visibility.RESTRICTED))
    assert await first(city.OTHER, 0) is None
    assert await first(city.UNIT_CHIEF, 0) == started
