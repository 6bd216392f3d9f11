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

from api.app import described
from api.auth import caller_of
from api.http.event_stream import Feed
from api.services.cycles.cycles import readable_by
from api.web.frame.session import SESSION
from engine.domain.cycle import commands as c
from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.deliverables import Deliverable
from engine.domain.review.review import Action
from engine.domain.roadmap import Edition, Governance, Startup
from engine.domain.scope import OrgScope, WorkScope
from tests.api.conftest import Http
from tests.api.reading_table import LINE, LISTS, OF_A_CYCLE, OUTSIDE, READERS, SECRET, SILENT, page
from tests.api.test_roadmap import put_in_force
from tests.support import city, past
from tests.support.office import expand
from tests.web.places import routes as pages


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


def calls() -> Iterator[tuple[str, str]]:
    """Every method and address of the API, as its description says them."""
    for path, its in described()["paths"].items():
        yield from ((method.upper(), path) for method in its)


def templates() -> set[str]:
    """Every address that answers GET: of the API, and of the pages."""
    return {path for method, path in calls() if method == "GET"} | set(pages())


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


def test_the_guide_shows_the_same_table() -> None:
    root = Path(__file__).parents[2]
    assert (root / "docs/guides/who-reads.md").read_text(encoding="utf-8") == page()


def test_every_address_is_in_the_table() -> None:
    there, known = templates(), OF_A_CYCLE.keys() | LISTS.keys() | SILENT
    assert len(there) > 80
    assert there - known == set()
    assert known - there == set(), "what is in the table and nowhere else"


async def assert_only(http: Http, cycle: str, readers: set[str], *, handed_in: bool) -> None:
    """Who may not read it is asked at every address; of who may, only what could be kept from them by mistake.

    A list has no more to show than that it answers, so that one reader asks the lists, of what was handed in.
    """
    asks_lists = next(one for one in (city.OTHER, city.SECTION_HEAD, city.UNIT_CHIEF) if one in readers)
    for person in sorted(LINE | OUTSIDE):
        listed = (await http.call("GET", f"/cycles?q={SECRET}", person)).json()["items"]
        assert [one["id"] for one in listed] == ([cycle] if person in readers else []), person
    for person in (city.OTHER, city.SECTION_HEAD, city.UNIT_CHIEF):
        reads = person in readers
        for path in addresses(OF_A_CYCLE, cycle) if handed_in or not reads else ():
            answer = await found_at(http, path, person)
            if not reads:
                assert (answer.status_code, SECRET in words(answer)) == (404, False), (path, person)
            else:
                assert answer.status_code in {200, 303, 409}, (path, person, answer.text[:200])
        for path in addresses(LISTS, cycle) if (handed_in and person == asks_lists) or not reads else ():
            answer = await found_at(http, path, person)
            assert answer.status_code in {200, 403}, (path, person, answer.text[:200])
            text = words(answer).replace(f"q={SECRET}", "").replace(f'value="{SECRET}"', "")
            assert reads or SECRET not in text, (path, person)


@pytest.fixture
def http(resumed: Http) -> Http:
    """For tests that look at the cycles that they begin, and at no list of all."""
    return resumed


@pytest.fixture
async def started(http: Http) -> str:
    return await start_secretly(http)


@pytest.fixture
async def only(alone: Http) -> str:
    """The one cycle of a city."""
    return await start_secretly(alone)


async def start_secretly(http: Http) -> str:
    """A draft with a secret in its title, its text, its file and a comment."""
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


async def test_a_draft_is_there_for_owner_advisers_and_heads_in_the_line_alone(alone: Http, only: str) -> None:
    await assert_only(alone, only, READERS["draft"], handed_in=False)


@pytest.mark.slow
async def test_a_result_is_there_for_whom_its_level_names_and_for_nobody_else(alone: Http, only: str) -> None:
    http, started = alone, only
    office = http.office
    await office.hand_in(started, telling(city.imagine()))
    state = office.state(started)
    body = c.Decide(action=Action.RETURN, round=state.round, reason=f"{SECRET}を消して")
    await office.given(started, city.UNIT_CHIEF, body)
    for deliverable in (city.imagine(), city.transform(), city.realise(), city.share({"kind": "close"})):
        await office.hand_in(started, telling(deliverable))
        await office.decide(started)
    assert not office.state(started).status.is_open
    everywhere = office.database.name == "sqlite"  # on PostgreSQL where the most is hidden; the rest is a property's
    if everywhere:
        await assert_only(http, started, READERS["office"], handed_in=True)
    for level in ("concerned", "restricted"):
        await office.given(started, city.OWNER, SetVisibility(level=Visibility(level)))
        if everywhere or level == "restricted":
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


@pytest.mark.slow
async def test_no_call_that_changes_something_tells_that_there_is_such_a_cycle(http: Http, started: str) -> None:
    tried = 0
    for method, template in calls():
        path = template
        if method == "GET" or not {"{cycle}", "{case}"} & set(path.split("/")):
            continue
        for name, value in (("{cycle}", started), ("{case}", started), ("{n}", "1")):
            path = path.replace(name, value)
        for body in (None, {"text": "x"}, {"reason": "x"}, {"evidence": "x"}, {"org_units": ["U"]}, {}):
            hidden = await http.call(method, path, city.OTHER, body)
            nothing = await http.call(method, path.replace(started, "i0-1"), city.OTHER, body)
            assert hidden.status_code in {404, 422}, (method, path, hidden.text)
            told = hidden.text.replace(started, "i0-1")
            assert (hidden.status_code, told) == (nothing.status_code, nothing.text), (method, path)
        tried += 1
    assert tried > 15


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
        assert len(drafts) == 1
        assert all(("deliverable" in one) == shows for one in drafts), person


async def test_an_offer_and_a_startup_go_with_what_they_are_of(http: Http) -> None:
    put_in_force(http, Edition(id="one", startups=(Startup(code="SL-09", governance=Governance.SECTION_LED),)))
    play = past.begun(http.office, title=f"{SECRET}の窓口", startup="SL-09")
    cycle = past.recorded(http.office, play)
    under = "/roadmap/startups/SL-09/initiatives"
    assert (await http.call("GET", under, city.OTHER)).json()["items"] == [], "a draft is named to nobody else"
    for deliverable in (city.imagine(), city.transform(), city.realise(), city.share({"kind": "close"})):
        play.submit(deliverable)
        play.decide()
    past.recorded(http.office, play)
    made = await http.call("POST", f"/cases/{cycle}/offers", city.OWNER, {"org_units": ["S2"]})
    offer = made.json()["items"][0]["id"]
    for level, shown in ((None, 1), (Visibility.RESTRICTED, 0)):
        if level is not None:
            await http.office.given(cycle, city.OWNER, SetVisibility(level=level))
        assert (await http.call("GET", f"/offers/{offer}", city.OTHER)).status_code == (200 if shown else 404)
        for path in (under, "/offers"):
            answer = await http.call("GET", path, city.OTHER)
            assert (len(answer.json()["items"]), SECRET in answer.text) == (shown, bool(shown)), path
        wall = await found_at(http, "/roadmap/startups/SL-09", city.OTHER)
        assert (wall.status_code, SECRET in wall.text) == (200, bool(shown))


async def test_an_initiative_whose_first_cycle_is_hidden_is_listed_by_the_first_that_may_be_read(http: Http) -> None:
    first = past.turned(http.office, city.share(expand(OrgScope.UNIT, WorkScope.PROCESS)))
    initiative = first.rsplit("-", 1)[0]
    following = past.following(http.office, first)
    following.submit(city.imagine())
    assert past.recorded(http.office, following) == f"{first}.1"
    other = past.recorded(http.office, past.in_review(http.office))

    async def listed() -> list[tuple[str, list[str]]]:
        items = (await http.call("GET", "/initiatives?limit=200", city.OTHER)).json()["items"]
        found = [(one["id"], [ring["cycle"]["id"] for ring in one["cycles"]]) for one in items]
        return [one for one in found if one[0] in {initiative, other.rsplit("-", 1)[0]}]

    both = [(other.rsplit("-", 1)[0], [other]), (initiative, [first, f"{first}.1"])]
    assert sorted(await listed()) == sorted(both)
    await http.office.given(first, city.OWNER, SetVisibility(level=Visibility.RESTRICTED))
    assert sorted(await listed()) == sorted([both[0], (initiative, [f"{first}.1"])])


async def test_who_calls_somebody_that_may_not_read_it_is_told_so(http: Http, started: str) -> None:
    for text, unheard in ((f"@{city.OTHER} さん、@{city.UNIT_CHIEF} さん", city.OTHER), ("@nobody", None)):
        said = await http.call("POST", f"/cycles/{started}/comments", city.OWNER, {"text": text})
        assert said.status_code == 200
        assert said.headers.get("Spiral-Not-Told") == unheard


@pytest.mark.slow
async def test_a_word_for_people_left_behind_is_told_only_to_who_may_read_a_cycle_that_says_it(http: Http) -> None:
    async def groups(person: str) -> list[str]:
        found = (await http.call("GET", "/dashboard/quality", person)).json()["left_behind"]["groups"]
        return [one["key"] for one in found]

    hidden = await http.start()
    await http.office.hand_in(hidden, telling_of("山田さんの祖母"))
    await http.office.decide(hidden)
    assert "山田さんの祖母" in await groups(city.OTHER)
    await http.office.given(hidden, city.OWNER, SetVisibility(level=Visibility.RESTRICTED))
    assert "山田さんの祖母" in await groups(city.OWNER)
    assert "山田さんの祖母" not in await groups(city.OTHER)
    another = await http.start()
    await http.office.hand_in(another, telling_of("山田さんの祖母"))
    await http.office.decide(another)
    assert "山田さんの祖母" in await groups(city.OTHER), "an open cycle says it too"


def telling_of(group: str) -> Deliverable:
    """An Imagine that names one group."""
    imagined = city.imagine()
    assert imagined.left_behind is not None
    left = imagined.left_behind.model_copy(update={"groups": (group,)})
    return imagined.model_copy(update={"left_behind": left})


async def test_a_stream_tells_of_what_the_listener_may_read_at_that_moment(alone: Http, only: str) -> None:
    http, started = alone, only
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
