import pytest

from engine.domain.scope import OrgScope, WorkScope
from tests.api.conftest import Http, plain, problem
from tests.support import city, past
from tests.support.office import expand


@pytest.fixture
def http(resumed: Http) -> Http:
    """For tests that look at the cycles that they begin."""
    return resumed


DONE = (city.imagine(), city.transform(), city.realise())
"""Three steps, measured."""


async def test_every_number_says_its_unit_method_dates_and_source_and_is_null_until_measured(quiet: Http) -> None:
    cycle = past.recorded(quiet.office, past.begun(quiet.office))
    hours = (await quiet.call("GET", f"/cycles/{cycle}")).json()["effects"]["hours"]
    assert (hours["value"], hours["unit"], hours["source"]) == (None, "時間/年", None)
    measured = past.recorded(quiet.office, past.approved(quiet.office, *DONE))
    effects = (await quiet.call("GET", f"/cycles/{measured}")).json()["effects"]
    hours, (metric,) = effects["hours"], effects["metrics"]
    assert (hours["value"], hours["measured_from"], hours["measured_to"], hours["n"]) == (
        300, "2026-07-01", "2026-08-15", 100,
    )  # fmt: skip
    assert "minutes per case" in hours["method"]
    assert (hours["source"]["measured_by"], hours["source"]["approved_by"], hours["source"]["round"]) == (
        city.OWNER, city.UNIT_CHIEF, 3,
    )  # fmt: skip
    yen = effects["yen"]
    assert (yen["value"], yen["unit"], effects["hourly_rate_yen"]) == (None, "円/年", None)
    assert (metric["method"], metric["unit"], metric["baseline_measured_on"], metric["worse"]) == (
        "計測", "分/件", "2026-04-10", False,
    )  # fmt: skip


async def test_effects_are_summed_by_what_was_asked_and_a_worse_one_counts_as_worse(quiet: Http) -> None:
    for minutes in (12, 45):
        done = (city.imagine(), city.transform(), city.realise(minutes))
        past.recorded(quiet.office, past.approved(quiet.office, *done, pillar="P1"))
    past.recorded(quiet.office, past.begun(quiet.office))
    found = (await quiet.call("GET", "/effects?group_by=org_unit")).json()
    assert found["total"] == {
        "hours_saved_per_year": 50, "yen_per_year": None, "measured": 2, "unmeasured": 1, "worse": 1,
    }  # fmt: skip
    assert {one["key"]: one["with_below"]["hours_saved_per_year"] for one in found["items"]} == dict.fromkeys(
        ("C", "D", "S", "U"), 50
    )
    assert (await quiet.call("GET", "/effects?pillar=P2")).json()["total"]["hours_saved_per_year"] is None
    assert problem(await quiet.call("GET", "/effects?org_unit=nowhere"))[2] == [("?org_unit", "unknown_unit")]
    assert problem(await quiet.call("GET", "/effects?group_by=mood"))[0] == 422
    for path in ("/effects", "/cycles", "/initiatives", "/cases", "/dashboard"):
        status, _, places = problem(await quiet.call("GET", f"{path}?pillar=P9"))
        assert (status, [at for at, _ in places]) == (422, ["?pillar"])


async def test_the_lineage_shows_nodes_and_edges_and_which_event_explains_each(http: Http) -> None:
    following = (
        expand(OrgScope.UNIT, WorkScope.PROCESS), {"kind": "sustain", "review_on": "2099-06-01", "reason": "続くか"},
    )  # fmt: skip
    play = past.in_review(http.office, *DONE, city.share(*following))
    cycle = await past.at_work(http.office, play)
    done = await http.approve(cycle)
    for number in (1, 2):
        await http.office.there(f"{cycle}.{number}")
    copy = await http.start(adopted_from=cycle)
    found = (await http.call("GET", f"/initiatives/{done['initiative_id']}/lineage")).json()
    assert [(one["parent"], one["child"], one["kind"], one["seq"]) for one in found["edges"]] == sorted(
        [(cycle, f"{cycle}.1", "expand", 1), (cycle, f"{cycle}.2", "sustain", 1), (cycle, copy, "adopt", 1)],
        key=lambda edge: edge[1],
    )
    assert {one["id"] for one in found["nodes"]} == {cycle, f"{cycle}.1", f"{cycle}.2", copy}
    first = next(one for one in found["nodes"] if one["id"] == cycle)
    assert (first["hours_saved_per_year"], first["hours_saved_per_year_increment"]) == (300, 300)
    assert (found["hours_saved_per_year"], found["complete"]) == (300, True)
    for edge in found["edges"]:
        events = (await http.call("GET", f"/cycles/{edge['child']}/events")).json()["items"]
        told = next(one for one in events if one["seq"] == edge["seq"])["data"]
        assert edge["parent"] in (*told["parents"], told["adopted_from"])
    assert problem(await http.call("GET", "/initiatives/none/lineage"))[:2] == (404, "unknown_initiative")


async def test_a_small_cycle_joins_a_larger_one_of_another_initiative_and_its_head_is_asked(http: Http) -> None:
    larger = await http.start(city.SECTION_HEAD, org_scope="section", org_unit="S", work_scope="process")
    cycle = await past.at_work(http.office, past.approved(http.office, *DONE))
    wrong = {"kind": "expand", "join": cycle, "reason": "一緒に"}
    await http.call("PUT", f"/cycles/{cycle}/draft", json=plain(city.share(wrong)))
    refused = await http.call("POST", f"/cycles/{cycle}/submit")
    assert problem(refused) == (422, "invalid_fields", [("/next/0/join", "unknown_cycle")])
    await http.call("PUT", f"/cycles/{cycle}/draft", json=plain(city.share(wrong | {"join": larger})))
    route = (await http.call("GET", f"/cycles/{cycle}/route")).json()
    assert [(one["kind"], one["reason"]) for one in route["stages"]] == [
        ("concurrence", "receiving_head"), ("final", None),
    ]  # fmt: skip
    await http.call("POST", f"/cycles/{cycle}/submit")
    await http.approve(cycle, city.SECTION_HEAD)
    assert (await http.approve(cycle))["status"] == "completed"
    await http.office.until(lambda: bool(http.office.state(larger).joined))
    joined = (await http.call("GET", f"/cycles/{larger}")).json()
    assert (joined["parents"], joined["advisers"]) == ([cycle], [city.OWNER])
    assert joined["joined"][0]["inheritance"]["lessons_failed"] == city.share().lessons_failed
    found = (await http.call("GET", f"/initiatives/{joined['initiative_id']}/lineage")).json()
    assert [(one["parent"], one["child"], one["kind"]) for one in found["edges"]] == [(cycle, larger, "join")]
    assert len(found["initiatives"]) == 2
