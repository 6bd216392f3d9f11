"""The access log: what is noted in it, who may search it, and that a line ends after its time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from engine.domain.access.log import AccessAct, AccessAsked
from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.organisation.organisation import Duty, Organisation, Post, PostRole
from engine.store.registers.access_log import AccessLog
from tests.api.conftest import Http, Terminal, problem
from tests.domain.plays import Play
from tests.support import city, past

AUDITOR = city.OTHER


def with_an_auditor() -> Organisation:
    base = city.organisation()
    post = Post(person_id=AUDITOR, unit_code="U2", title="監査", role=PostRole.STAFF, duties=(Duty.AUDITOR,))
    return base.model_copy(update={"posts": (*base.posts, post)})


@pytest.fixture
def http(quiet: Http) -> Http:
    """Every test looks at the whole log, and what was read is only there to be read."""
    return quiet


@pytest.fixture
def audited(http: Http) -> Http:
    http.office.import_(with_an_auditor())
    return http


def turned(http: Http) -> Play:
    """A cycle that has gone all the way round; it is not recorded yet."""
    return past.approved(http.office, city.imagine(), city.transform(), city.realise(), city.share())


def restricted(http: Http, play: Play) -> str:
    """The same, for few to read; gives the cycle's id."""
    play.give(city.OWNER, SetVisibility(level=Visibility.RESTRICTED))
    return past.recorded(http.office, play)


async def lines(http: Http, query: str = "") -> list[tuple[str, str, str, str]]:
    answer = await http.call("GET", f"/access-log{query}", AUDITOR)
    assert answer.status_code == 200, answer.text
    return [(one["act"], one["person"], one["subject"], one["detail"]) for one in answer.json()["items"]]


async def test_reading_what_few_may_read_is_noted_once_and_the_owners_own_reading_never(audited: Http) -> None:
    play = past.in_review(audited.office)
    cycle = past.recorded(audited.office, play)
    await audited.call("GET", f"/cycles/{cycle}", city.UNIT_CHIEF)
    assert await lines(audited) == [], "what the office reads is nobody's business"
    restricted(audited, play)
    for person in (city.OWNER, city.UNIT_CHIEF, city.UNIT_CHIEF, AUDITOR):
        await audited.call("GET", f"/cycles/{cycle}", person)
    await audited.call("GET", f"/cycles/{cycle}/versions", city.UNIT_CHIEF)
    assert await lines(audited) == [("read_restricted", city.UNIT_CHIEF, cycle, "")]
    assert await lines(audited, f"?subject={cycle}&person={city.OWNER}") == []


@pytest.mark.parametrize("path", ["/cases/{cycle}", "/initiatives/{initiative}", "/initiatives", "/cycles"])
async def test_a_list_or_a_sheet_that_shows_all_of_it_is_a_reading_too(audited: Http, path: str) -> None:
    cycle = restricted(audited, turned(audited))
    place = path.format(cycle=cycle, initiative=cycle.rsplit("-", 1)[0])
    assert (await audited.call("GET", place, city.UNIT_CHIEF)).status_code == 200
    assert await lines(audited) == [("read_restricted", city.UNIT_CHIEF, cycle, "")]


async def test_exports_and_tokens_are_noted_and_an_auditor_finds_them_page_by_page(audited: Http) -> None:
    await audited.call("GET", "/exports/cases.csv", city.OWNER)
    await audited.call("GET", "/exports/events.json?pseudonyms=true", city.UNIT_CHIEF)
    made = (await audited.call("POST", "/credentials", city.OWNER, {"name": "表計算"})).json()
    await audited.call("DELETE", f"/credentials/{made['id']}", city.OWNER)
    found = await lines(audited)
    assert [(act, person) for act, person, _, _ in found] == [
        ("token_revoked", city.OWNER), ("token_made", city.OWNER), ("export", city.UNIT_CHIEF),
        ("export", city.OWNER),
    ]  # fmt: skip
    assert found[2][3] == "pseudonyms"
    assert [act for act, *_ in await lines(audited, "?act=export")] == ["export", "export"]
    first = (await audited.call("GET", "/access-log?limit=3", AUDITOR)).json()
    rest = (await audited.call("GET", f"/access-log?limit=3&cursor={first['next_cursor']}", AUDITOR)).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (3, 1, None)
    sheet = (await audited.call("GET", "/access-log.csv", AUDITOR)).text
    assert sheet.startswith("\ufeffnumber,at,person,act,subject,detail")
    assert sheet.count("export") == 2


@pytest.mark.parametrize("path", ["/access-log", "/access-log.csv"])
async def test_an_administrator_is_no_auditor(audited: Http, path: str) -> None:
    assert problem(await audited.call("GET", path, city.ADMIN))[:2] == (403, "auditor_only")


async def test_the_terminal_shows_it_too(audited: Http, typed: Terminal) -> None:
    await audited.call("GET", "/exports/cases.csv", city.OWNER)
    (line,) = await typed("access-log", "--act", "export", person=AUDITOR)
    assert line.split()[-3:-1] == [city.OWNER, "export"]


def test_a_line_ends_after_its_time_and_what_is_newer_stays(database: Engine) -> None:
    log, now = AccessLog(database, days=30), datetime(2026, 11, 26, tzinfo=UTC)
    log.note(AccessAct.SIGN_IN, "old", now - timedelta(days=31))
    log.note(AccessAct.SIGN_IN, "new", now - timedelta(days=29))
    assert len(log.found(AccessAsked(), 9)) == 2
    AccessLog(database, days=30).note(AccessAct.SIGN_OUT, "new", now)
    assert [one.act for one in log.found(AccessAsked(), 9)] == [AccessAct.SIGN_OUT, AccessAct.SIGN_IN]
    assert {one.person for one in log.every(AccessAsked(person="new"))} == {"new"}
