"""An absence is changed and ended, at once, by whoever looks after it; who cannot stand in is told at the place."""

from typing import Any

import pytest

from engine.contracts.documents import POLICY
from engine.domain.review.policy import Policy, ProxyFrom
from engine.store.record import verify as check
from tests.api.conftest import Http, problem
from tests.support import city

AWAY: dict[str, Any] = {"from": "2020-01-01", "to": "2020-06-30", "proxy": city.PROXY}


@pytest.fixture
def http(quiet: Http) -> Http:
    """Who is away is away in all of a city, and no cycle is needed for it."""
    return quiet


async def stands_in(http: Http) -> list[str]:
    found: list[str] = (await http.call("GET", "/me", city.PROXY)).json()["stands_in_for"]
    return found


async def test_a_stand_in_ends_the_moment_the_absence_does_and_each_step_is_a_fact(http: Http) -> None:
    today = http.office.directory.facts().today.isoformat()
    until = {**AWAY, "from": today, "to": today}
    made = (await http.call("POST", "/absences", city.UNIT_CHIEF, until)).json()
    assert await stands_in(http) == [city.UNIT_CHIEF]
    place = f"/absences/{made['id']}"
    changed = await http.call("PUT", place, city.UNIT_CHIEF, {**until, "proxy": None})
    assert (changed.status_code, changed.json()["proxy"]) == (200, None)
    assert await stands_in(http) == []
    assert (await http.call("PUT", place, city.UNIT_CHIEF, until)).status_code == 200
    assert (await http.call("DELETE", place, city.UNIT_CHIEF)).status_code == 204
    assert await stands_in(http) == []
    assert problem(await http.call("DELETE", place, city.UNIT_CHIEF))[:2] == (404, "unknown_absence")
    assert check.verify(http.office.database).faults == ()
    check.rebuild(http.office.database)
    assert check.verify(http.office.database).faults == ()


async def test_a_head_in_the_line_and_an_administrator_may_and_colleagues_see_none(http: Http) -> None:
    made = (await http.call("POST", "/absences", city.UNIT_CHIEF, AWAY)).json()
    place = f"/absences/{made['id']}"
    for stranger in (city.OWNER, city.OTHER):
        assert problem(await http.call("PUT", place, stranger, AWAY))[:2] == (404, "unknown_absence")
        assert problem(await http.call("DELETE", place, stranger))[:2] == (404, "unknown_absence")
    for_another = {**AWAY, "person_id": city.UNIT_CHIEF, "from": "2021-01-01", "to": "2021-01-02"}
    assert problem(await http.call("POST", "/absences", city.OTHER, for_another))[:2] == (403, "not_your_absence")
    assert (await http.call("POST", "/absences", city.SECTION_HEAD, for_another)).status_code == 201
    assert (await http.call("PUT", place, city.ADMIN, {**AWAY, "to": "2020-07-01"})).status_code == 200
    assert (await http.call("DELETE", place, city.SECTION_HEAD)).status_code == 204


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({"to": "2019-01-01"}, ("/to", "ends_before_it_starts")),
        ({"to": "2022-01-01"}, ("/to", "absence_too_long")),
        ({"proxy": city.UNIT_CHIEF}, ("/proxy", "bad_value")),
        ({"proxy": "nobody"}, ("/proxy", "unknown_person")),
    ],
)
async def test_what_cannot_be_is_told_at_its_place(
    resumed: Http, asked: dict[str, str], place: tuple[str, str]
) -> None:
    answer = problem(await resumed.call("POST", "/absences", city.UNIT_CHIEF, {**AWAY, **asked}))
    assert (answer[0], answer[2]) == (422, [place])


async def test_two_who_are_away_cannot_stand_in_for_each_other(http: Http) -> None:
    assert (await http.call("POST", "/absences", city.UNIT_CHIEF, AWAY)).status_code == 201
    back = {**AWAY, "proxy": city.UNIT_CHIEF}
    answer = problem(await http.call("POST", "/absences", city.PROXY, back))
    assert (answer[0], answer[2]) == (422, [("/proxy", "proxies_of_each_other")])
    later = {"from": "2020-07-01", "to": "2020-07-02", "proxy": city.UNIT_CHIEF}
    assert (await http.call("POST", "/absences", city.PROXY, later)).status_code == 201


async def test_a_chain_of_proxies_who_are_away_never_leads_back(http: Http) -> None:
    chain = [(city.UNIT_CHIEF, city.PROXY), (city.PROXY, city.SECTION_HEAD)]
    for person, proxy in chain:
        assert (await http.call("POST", "/absences", person, {**AWAY, "proxy": proxy})).status_code == 201
    back = await http.call("POST", "/absences", city.SECTION_HEAD, {**AWAY, "proxy": city.UNIT_CHIEF})
    assert problem(back)[2] == [("/proxy", "proxies_of_each_other")]


async def test_the_policy_says_how_long_and_from_where_a_proxy_may_come(http: Http) -> None:
    policy = Policy(id="strict", proxy_from=ProxyFrom.LINE, absence_days=10)
    http.office.directory.import_document(POLICY, "strict", policy, by="test")
    far = await http.call("POST", "/absences", city.UNIT_CHIEF, {**AWAY, "proxy": city.OTHER})
    assert ("/proxy", "proxy_of_another_line") in problem(far)[2]
    near = {"from": "2020-06-01", "to": "2020-06-10", "proxy": city.SECTION_HEAD}
    assert (await http.call("POST", "/absences", city.UNIT_CHIEF, near)).status_code == 201
    longer = await http.call("POST", "/absences", city.PROXY, {"from": "2020-06-01", "to": "2020-06-11"})
    assert problem(longer)[2] == [("/to", "absence_too_long")]


async def test_who_is_named_is_told_and_told_again_when_it_is_over(http: Http) -> None:
    made = (await http.call("POST", "/absences", city.UNIT_CHIEF, AWAY)).json()
    same = await http.call("PUT", f"/absences/{made['id']}", city.UNIT_CHIEF, AWAY)
    assert same.status_code == 200

    async def told(person: str) -> list[str]:
        found = (await http.call("GET", "/me/outbox", person)).json()["items"]
        return [one["kind"] for one in found if one["kind"].startswith("stands_in")]

    assert await told(city.PROXY) == ["stands_in"]
    moved = {**AWAY, "proxy": city.SECTION_HEAD}
    assert (await http.call("PUT", f"/absences/{made['id']}", city.UNIT_CHIEF, moved)).status_code == 200
    assert (await told(city.PROXY), await told(city.SECTION_HEAD)) == (
        ["stands_in_no_more", "stands_in"],
        ["stands_in"],
    )
    assert (await http.call("DELETE", f"/absences/{made['id']}", city.UNIT_CHIEF)).status_code == 204
    assert await told(city.SECTION_HEAD) == ["stands_in_no_more", "stands_in"]


async def test_an_administrator_puts_nobody_aside_for_themselves_and_whoever_is_away_is_told(http: Http) -> None:
    for_another = {**AWAY, "person_id": city.UNIT_CHIEF}
    themselves = await http.call("POST", "/absences", city.ADMIN, for_another | {"proxy": city.ADMIN})
    assert problem(themselves) == (422, "invalid_fields", [("/proxy", "not_oneself")])
    assert (await http.call("POST", "/absences", city.ADMIN, for_another)).status_code == 201
    told = (await http.call("GET", "/me/outbox", city.UNIT_CHIEF)).json()["items"]
    assert [one["kind"] for one in told] == ["away_by_another"]
    own = {**AWAY, "from": "2021-01-01", "to": "2021-01-02"}
    assert (await http.call("POST", "/absences", city.UNIT_CHIEF, own)).status_code == 201
    assert len((await http.call("GET", "/me/outbox", city.UNIT_CHIEF)).json()["items"]) == 1
