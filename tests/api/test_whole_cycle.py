from typing import Any

import pytest

from engine.domain.scope import OrgScope, WorkScope
from tests.api.conftest import Http, problem
from tests.support import city
from tests.support.office import expand


@pytest.fixture
def http(resumed: Http) -> Http:
    """Every test looks at the cycles that it begins, so that the file has one city of each kind."""
    return resumed


async def waits(http: Http, cycle: str, person: str) -> list[Any]:
    """What of a cycle lies in somebody's inbox."""
    items = (await http.call("GET", "/inbox?limit=200", person)).json()["items"]
    return [one for one in items if one["cycle_id"] == cycle]


async def test_an_owner_and_their_manager_go_from_imagine_to_share_and_the_larger_cycle_follows(http: Http) -> None:
    cycle = await http.start()
    deliverables = (
        city.imagine(), city.transform(), city.realise(), city.share(expand(OrgScope.UNIT, WorkScope.PROCESS)),
    )  # fmt: skip
    for number, deliverable in enumerate(deliverables, start=1):
        waiting = await http.hand_in(cycle, deliverable)
        assert (waiting["step_status"], waiting["round"]) == ("in_review", number)
        assert waiting["waiting_for"]["people"] == [city.UNIT_CHIEF]
        done = await http.approve(cycle)
    assert (done["status"], done["effects"]["hours_saved_per_year"]) == ("completed", 300.0)
    await http.office.there(f"{cycle}.1")
    spiral = (await http.call("GET", f"/initiatives/{done['initiative_id']}")).json()
    assert [ring["cycle"]["org_scope"] for ring in spiral["cycles"]] == ["individual", "unit"]
    assert spiral["cycles"][0]["cycle"]["children"] == [f"{cycle}.1"]
    assert spiral["cycles"][1]["cycle"]["parents"] == [cycle]
    assert (spiral["hours_saved_per_year"], spiral["open_cycles"]) == (300.0, 1)


async def test_a_new_initiative_is_found_at_its_location_with_its_revision(http: Http) -> None:
    asked = {"title": "届く", "org_scope": "individual", "org_unit": "U", "work_scope": "task", "pillar": "P1"}
    answer = await http.call("POST", "/initiatives", json=asked)
    assert answer.status_code == 201
    found = await http.call("GET", answer.headers["location"])
    assert (found.json(), found.headers["etag"]) == (answer.json(), '"1"')
    again = await http.call("GET", answer.headers["location"], if_none_match='"1"')
    assert (again.status_code, again.content) == (304, b"")


async def test_a_cycle_says_which_moves_are_open_to_whoever_asks(http: Http) -> None:
    cycle = await http.start()
    begun = (await http.call("GET", f"/cycles/{cycle}")).json()
    assert begun["actions"] == ["save_draft", "submit", "withdraw", "comment", "attach", "set_visibility"]
    assert begun["definition_version"] == 1
    handed_in = await http.hand_in(cycle, city.imagine())
    assert "pull_back" in handed_in["actions"]
    mine = (await http.call("GET", "/cycles?waiting_for=me", city.UNIT_CHIEF)).json()["items"]
    (listed,) = (one for one in mine if one["id"] == cycle)
    for move in listed["actions"][:5]:
        assert move in {"approve", "approve_with_conditions", "return", "hold", "reject"}
    assert (await http.call("GET", f"/cycles/{cycle}", city.OTHER)).json()["actions"] == ["comment"]


async def test_the_inbox_shows_what_waits_and_why_and_empties_when_it_is_decided(http: Http) -> None:
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    (item,) = await waits(http, cycle, city.UNIT_CHIEF)
    assert (item["round"], item["why"], item["owner"]) == (1, "post", city.OWNER)
    assert await waits(http, cycle, city.SECTION_HEAD) == []
    listed = (await http.call("GET", "/cycles?waiting_for=me", city.UNIT_CHIEF)).json()["items"]
    assert [one["id"] for one in listed].count(cycle) == 1
    await http.approve(cycle)
    assert await waits(http, cycle, city.UNIT_CHIEF) == []


async def test_an_absent_chief_is_stood_in_for_and_the_journal_says_for_whom(alone: Http) -> None:
    http = alone  # whoever is away is away for all cycles
    assert (await http.call("POST", "/absences", city.UNIT_CHIEF, city.away_now())).status_code == 201
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    (item,) = (await http.call("GET", "/inbox", city.PROXY)).json()["items"]
    assert (item["why"], item["on_behalf_of"]) == ("proxy", city.UNIT_CHIEF)
    done = await http.approve(cycle, city.PROXY)
    assert (done["decisions"][0]["by"], done["decisions"][0]["on_behalf_of"]) == (city.PROXY, city.UNIT_CHIEF)
    me = (await http.call("GET", "/me", city.PROXY)).json()
    assert me["stands_in_for"] == [city.UNIT_CHIEF]


async def test_many_decisions_at_once_have_one_result_each(http: Http) -> None:
    cycles = [await http.start() for _ in range(2)]
    await http.hand_in(cycles[0], city.imagine())
    items = [{"cycle_id": cycle, "round": 1, "action": "approve"} for cycle in (*cycles, "none-1")]
    results = (await http.call("POST", "/inbox/decisions", city.UNIT_CHIEF, {"items": items})).json()["items"]
    assert [one["ok"] for one in results] == [True, False, False]
    assert [one["problem"]["code"] for one in results[1:]] == ["round_over", "unknown_cycle"]


async def test_the_route_names_people_and_due_time_before_and_after_submitting(http: Http) -> None:
    cycle = await http.start()
    await http.call("PUT", f"/cycles/{cycle}/draft", json={"ideal_statement": "まだ"})
    before = (await http.call("GET", f"/cycles/{cycle}/route")).json()
    assert (before["submitted"], before["profile"]) == (False, "light")
    await http.hand_in(cycle, city.imagine())
    after = (await http.call("GET", f"/cycles/{cycle}/route")).json()
    for route, state in ((before, "later"), (after, "open")):
        (stage,) = route["stages"]
        assert (stage["state"], stage["kind"], stage["posts"][0]["post"]) == (state, "final", "head@U")
        assert stage["posts"][0]["holders"][0]["person_id"] == city.UNIT_CHIEF
        assert stage["due_at"]
    assert after["submitted"]


async def test_the_journal_of_a_cycle_can_be_read_page_by_page_with_its_chain(http: Http) -> None:
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    seen, cursor = [], ""
    while cursor is not None:
        page = (await http.call("GET", f"/cycles/{cycle}/events?limit=1{cursor}")).json()
        seen += page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert [one["seq"] for one in seen] == [1, 2, 3]
    assert [one["type"] for one in seen] == ["cycle_opened", "step_submitted", "stage_opened"]
    assert len({one["hash"] for one in seen}) == 3


async def test_hold_resume_comment_pull_back_and_withdraw_are_all_there(http: Http) -> None:
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    chief = city.UNIT_CHIEF
    assert (await http.call("POST", f"/cycles/{cycle}/pull-back")).json()["step_status"] == "draft"
    await http.call("POST", f"/cycles/{cycle}/submit")
    held = {"action": "hold", "round": 2, "hold_until": "2099-04-01", "reason": "予算"}
    assert (await http.call("POST", f"/cycles/{cycle}/decisions", chief, held)).json()["status"] == "on_hold"
    assert (await http.call("POST", f"/cycles/{cycle}/resume", chief)).json()["status"] == "active"
    assert (await http.call("POST", f"/cycles/{cycle}/comments", chief, {"text": "見ました"})).json()["comments"] == 1
    assert problem(await http.call("POST", f"/cycles/{cycle}/pull-back"))[:2] == (409, "already_acted")
    ended = await http.call("POST", f"/cycles/{cycle}/withdraw", json={"reason": "統合"})
    assert ended.json()["status"] == "withdrawn"


async def test_an_approval_with_conditions_leaves_them_to_be_closed_with_evidence(http: Http) -> None:
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    due = http.office.directory.facts().today.isoformat()
    asked = {"action": "approve_with_conditions", "round": 1, "conditions": [{"text": "議会に説明", "due": due}]}
    (condition,) = (await http.call("POST", f"/cycles/{cycle}/decisions", city.UNIT_CHIEF, asked)).json()[
        "conditions"
    ]
    assert (condition["n"], condition["owner"], condition["closed_at"]) == (1, city.OWNER, None)
    closed = await http.call("POST", f"/cycles/{cycle}/conditions/1/close", json={"evidence": "議事録"})
    assert closed.json()["conditions"][0]["evidence"] == "議事録"
