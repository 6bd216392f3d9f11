from datetime import timedelta
from typing import Any

from tests.api.conftest import Http, problem
from tests.support import city


async def turned(http: Http, **more: Any) -> str:
    """A cycle that went all the way round."""
    cycle = await http.start(**more)
    for deliverable in (city.imagine(), city.transform(), city.realise(), city.share()):
        await http.hand_in(cycle, deliverable)
        await http.approve(cycle)
    return cycle


async def dashboard(http: Http, query: str = "") -> Any:
    answer = await http.call("GET", f"/dashboard{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_first_page_counts_where_everything_stands_and_never_says_zero_for_unknown(http: Http) -> None:
    empty = await dashboard(http)
    assert empty["expansion_rate"] == {"value": None, "unit": "%", "n": 0}
    assert empty["owner_time"] == {"value": None, "unit": "days", "n": 0}
    await turned(http, pillar="P1")
    waiting = await http.start()
    await http.hand_in(waiting, city.imagine())
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
    await http.start()
    await http.start(city.OTHER, org_unit="U2")
    counts = [(await dashboard(http, f"?org_unit={unit}"))["cycles"]["value"] for unit in ("D", "S", "U", "S2")]
    assert counts == [2, 1, 1, 1]
    assert (await dashboard(http, "?pillar=P3"))["cycles"]["value"] == 0


async def test_a_past_date_tells_what_was_known_then(http: Http) -> None:
    await turned(http)
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
