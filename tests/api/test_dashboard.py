from datetime import timedelta
from typing import Any

import pytest

from engine.domain.deliverables.realise import Verdict
from engine.domain.deliverables.share import PublicLevel
from engine.domain.review.review import Action
from tests.api.conftest import Http, problem
from tests.support import city, past


@pytest.fixture
def http(quiet: Http) -> Http:
    """Every test counts its whole city, and what happened in it is only read."""
    return quiet


async def dashboard(http: Http, query: str = "") -> Any:
    answer = await http.call("GET", f"/dashboard{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_first_page_counts_where_everything_stands_and_never_says_zero_for_unknown(http: Http) -> None:
    empty = await dashboard(http)
    assert empty["expansion_rate"] == {"value": None, "unit": "%", "n": 0}
    assert empty["owner_time"] == {"value": None, "unit": "days", "n": 0}
    past.turned(http.office, pillar="P1")
    past.recorded(http.office, past.in_review(http.office))
    found = await dashboard(http)
    assert found["cycles"]["value"] == 2
    assert found["counts"]["step"] == {"imagine": 1, "transform": 0, "realise": 0, "share": 0}
    assert (found["counts"]["status"]["completed"], found["counts"]["status"]["active"]) == (1, 1)
    assert (found["counts"]["pillar"]["P1"], found["counts"]["pillar"]["none"]) == (1, 1)
    assert found["counts"]["org_scope"]["individual"] == 2
    assert next((band["owner"], band["approver"]) for band in found["waiting"]) == (0, 1)
    assert found["expansion_rate"] == {"value": 0.0, "unit": "%", "n": 1}
    assert found["first_pass_rate"] == {"value": 100.0, "unit": "%", "n": 4}
    assert found["steps"][0]["approver"]["n"] == 1


async def test_an_office_is_asked_for_with_everything_below_it(http: Http) -> None:
    for owner, unit in ((city.OWNER, "U"), (city.OTHER, "U2")):
        past.recorded(http.office, past.begun(http.office, owner, org_unit=unit))
    counts = [(await dashboard(http, f"?org_unit={unit}"))["cycles"]["value"] for unit in ("D", "S", "U", "S2")]
    assert counts == [2, 1, 1, 1]
    assert (await dashboard(http, "?pillar=P3"))["cycles"]["value"] == 0


async def test_a_past_date_tells_what_was_known_then(http: Http) -> None:
    past.turned(http.office)
    today = http.app.state.desk.directory.now() + timedelta(hours=9)
    before = (today - timedelta(days=1)).date().isoformat()
    assert (await dashboard(http, f"?as_of={before}"))["cycles"]["value"] == 0
    assert (await dashboard(http, f"?as_of={today.date().isoformat()}"))["completed"]["value"] == 1


async def test_what_cannot_be_told_is_refused_by_name(http: Http) -> None:
    for query, pointer, code in (
        ("?as_of=2199-01-01", "?as_of", "in_the_future"),
        ("?fiscal_year=2199", "?fiscal_year", "in_the_future"),
        ("?org_unit=nowhere", "?org_unit", "unknown_unit"),
        ("?as_off=2026-01-01", "?as_off", "unknown_field"),
    ):
        status, _, places = problem(await http.call("GET", f"/dashboard{query}"))
        assert (status, places) == (422, [(pointer, code)])


async def test_waiting_names_the_post_its_holder_and_the_pace_of_decisions(http: Http) -> None:
    past.turned(http.office)
    waiting = past.recorded(http.office, past.in_review(http.office))
    found = (await http.call("GET", "/dashboard/waiting")).json()
    (queue,) = found["by_post"]
    assert (queue["key"], queue["people"], queue["waiting"], queue["overdue"]) == (
        "head@U", [city.UNIT_CHIEF], 1, 0,
    )  # fmt: skip
    assert [one["cycle_id"] for one in found["longest"]] == [waiting]
    assert [(one["post"], one["days"]["n"]) for one in found["pace"]] == [("head@U", 4)]
    assert found["proxy_rate"] == {"value": 0.0, "unit": "%", "n": 4}
    assert [(one["person"], one["decisions"]) for one in found["load"]] == [(city.UNIT_CHIEF, 1)]


async def test_quality_tells_returns_with_reasons_and_bad_results_with_what_was_learned(http: Http) -> None:
    play = past.in_review(http.office)
    play.decide(Action.RETURN, reason="測り直す")
    worse = city.realise(40).model_copy(update={"verdict": Verdict.WORSE, "cause": "手戻り"})
    for deliverable in (city.imagine(), city.transform(), worse, city.share()):
        play.submit(deliverable)
        play.decide()
    past.recorded(http.office, play)
    found = (await http.call("GET", "/dashboard/quality")).json()
    assert found["returns"]["rate"] == {"value": 20.0, "unit": "%", "n": 5}
    assert found["returns"]["reasons"] == [{"key": "測り直す", "count": 1}]
    assert found["first_pass_rate"] == {"value": 75.0, "unit": "%", "n": 4}
    assert [(one["verdict"], one["cause"], one["lessons_failed"]) for one in found["below_aim"]] == [
        ("worse", "手戻り", "最初の様式は字が小さかった")
    ]
    assert found["spend"]["hours_saved_per_year"]["value"] < 0
    assert found["left_behind"]["offline_users"] == {"value": 12.0, "unit": "people", "n": 1}
    assert found["left_behind"]["groups"] == [{"key": "高齢者", "count": 1}]


async def test_spread_shows_rungs_the_furthest_and_the_offices_with_none(http: Http) -> None:
    cycle = past.turned(http.office)
    found = (await http.call("GET", "/dashboard/spread")).json()
    assert found["org_scope"][0] == {"rung": "individual", "open": 0, "completed": 1}
    assert found["furthest"]["cycle_id"] == cycle
    assert {one["level"]: one["none"] for one in found["offices"]} == {
        "department": [], "section": ["S2"], "unit": ["U2"],
    }  # fmt: skip
    assert found["staff"]["not_involved"] == found["staff"]["people"] - 1


async def test_stories_are_public_measured_and_never_filled_up(http: Http) -> None:
    past.turned(http.office)
    assert (await http.call("GET", "/dashboard/stories")).json()["items"] == []
    cycle = past.turned(http.office, city.share().model_copy(update={"public_level": PublicLevel.PUBLIC}))
    (told,) = (await http.call("GET", "/dashboard/stories")).json()["items"]
    assert (told["cycle_id"], told["summary"], told["citizen_score"]) == (cycle, "転記をやめた", 4.5)


async def test_effects_are_those_of_the_account_and_offices_add_up_to_the_city(http: Http) -> None:
    past.turned(http.office)
    found = await dashboard(http)
    account = (await http.call("GET", "/effects")).json()
    assert found["effects"]["hours_saved_per_year"]["value"] == account["total"]["hours_saved_per_year"] == 300
    assert (await dashboard(http, "?org_unit=S"))["effects"]["hours_saved_per_year"]["value"] == 300
    assert (await dashboard(http, "?org_unit=S2"))["effects"]["hours_saved_per_year"]["value"] is None
