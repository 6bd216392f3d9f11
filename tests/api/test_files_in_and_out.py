import io
import json
import os
import warnings
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from icalendar import Calendar

from engine.domain.cycle.commands import ConditionAsked
from engine.domain.review.review import Action
from tests.api.conftest import Http, problem
from tests.support import city, past

HEADING = "id,title,org_scope,org_unit,work_scope,pillar,owner\n"


async def sent(
    http: Http, text: str | bytes, person: str = city.OWNER, name: str = "x.csv", **query: Any
) -> httpx.Response:
    raw = text if isinstance(text, bytes) else text.encode()
    return await http.client.post(
        "/api/v1/imports/initiatives",
        files={"file": (name, raw)},
        params=query,
        headers={"Authorization": f"Bearer {http.token(person)}", "Accept-Language": "en"},
    )


async def test_a_table_starts_its_rows_once_and_its_own_export_changes_nothing(http: Http) -> None:
    mark = uuid4().hex[:8]  # ids follow from the rows, and all tests share one engine
    table = HEADING + f",=一つ目{mark},individual,U,task,P1,\n,二つ目{mark},unit,U,process,,\n"
    dry = await sent(http, table, dry_run="true")
    assert (dry.json()["new"], http.journal()) == (2, 0)
    first = (await sent(http, table)).json()
    assert (first["new"], first["exists"], first["wrong"]) == (2, 0, 0)
    again = (await sent(http, table)).json()
    assert (again["new"], again["exists"]) == (0, 2)
    for ending in ("csv", "xlsx", "json"):
        out = await http.call("GET", f"/exports/initiatives.{ending}")
        assert out.status_code == 200
        back = (await sent(http, out.content, name=f"x.{ending}")).json()
        assert (back["new"], back["exists"], back["differs"]) == (0, 2, 0)
    assert http.journal() == 2
    titles = {one["title"] for one in json.loads(out.content)["items"]}
    assert titles == {f"=一つ目{mark}", f"二つ目{mark}"}


async def test_one_wrong_row_starts_nothing_and_every_wrong_cell_is_named(quiet: Http) -> None:
    table = (
        HEADING
        + ",よい,unit,U,task,,\n,,unit,U,task,,\n,題,section,U,task,,\n,題,team,U,task,,\n,題,unit,U2,task,,\n"
    )
    answer = await sent(quiet, table)
    status, code, errors = problem(answer)
    assert (status, code) == (422, "invalid_fields")
    assert errors == [
        ("/rows/3/title", "missing"),
        ("/rows/4/org_unit", "unit_on_another_level"),
        ("/rows/5/org_scope", "not_a_choice"),
        ("/rows/6/org_unit", "not_your_unit"),
    ]
    assert quiet.journal() == 0
    dry = (await sent(quiet, table, dry_run="true")).json()
    assert [one["outcome"] for one in dry["items"]] == ["new", "wrong", "wrong", "wrong", "wrong"]


async def test_only_an_administrator_starts_for_somebody_else(http: Http) -> None:
    table = HEADING + f",題{uuid4().hex[:8]},unit,U,task,,{city.OWNER}\n"
    assert problem(await sent(http, table, city.OTHER))[2] == [("/rows/2/owner", "not_for_others")]
    assert (await sent(http, table, city.ADMIN)).json()["new"] == 1
    (item,) = (await http.call("GET", "/cycles")).json()["items"]
    assert item["owner"] == city.OWNER


async def test_a_file_that_cannot_be_taken_is_a_refusal_with_its_place(resumed: Http) -> None:
    answer = await sent(resumed, HEADING.replace("pillar", "colour"))
    assert problem(answer)[:2] == (422, "bad_file")
    assert "x.csv:1 [colour]" in answer.json()["detail"]
    assert (await sent(resumed, b"x" * 10_200_000)).status_code == 413


async def test_what_is_no_table_is_refused_clearly(resumed: Http) -> None:
    assert problem(await resumed.call("GET", "/exports/cases.xes"))[1] == "wrong_format"
    assert problem(await resumed.call("GET", "/exports/cases.doc"))[0] == 404
    assert problem(await resumed.call("GET", "/exports/people.csv"))[0] == 404
    assert problem(await resumed.call("GET", "/exports/cases.csv?org_unit=X"))[2] == [("?org_unit", "unknown_unit")]
    assert (await resumed.call("GET", "/exports/cases.csv", None)).status_code == 401


async def test_cases_effects_and_events_tell_what_was_shared(quiet: Http) -> None:
    cycle = past.turned(quiet.office)
    cases = json.loads((await quiet.call("GET", "/exports/cases.json")).content)["items"]
    assert [(one["cycle_id"], one["hours_saved_per_year"]) for one in cases] == [(cycle, 300.0)]
    effects = json.loads((await quiet.call("GET", "/exports/effects.json?org_unit=D")).content)["items"]
    found = {one["measure"]: (one["actual"], one["unit"]) for one in effects}
    assert found["hours_saved_per_year"] == (300.0, "h/year")
    assert found["yen_per_year"][0] is None or found["yen_per_year"][1] == "yen/year"
    assert found["minutes"] == (12.0, "分/件")
    assert json.loads((await quiet.call("GET", "/exports/effects.json?org_unit=S2")).content)["items"] == []
    events = json.loads((await quiet.call("GET", "/exports/events.json")).content)["items"]
    assert len(events) == quiet.journal()
    hidden = (await quiet.call("GET", "/exports/events.json?pseudonyms=true")).text
    assert json.loads(hidden)["items"][0]["actor"].startswith("person-")
    assert not any(word in hidden for word in ("届く", "転記", f'"{city.OWNER}"', f'"{city.UNIT_CHIEF}"'))


@pytest.mark.slow
async def test_process_mining_finds_the_four_steps_in_their_order(quiet: Http, tmp_path: Path) -> None:
    for _ in range(2):
        past.turned(quiet.office)
    logs = {}
    for ending in ("xes", "ocel"):
        answer = await quiet.call("GET", f"/exports/events.{ending}")
        logs[ending] = tmp_path / f"log.{'xes' if ending == 'xes' else 'jsonocel'}"
        logs[ending].write_bytes(answer.content)
    pm4py = _quiet_pm4py()
    log = pm4py.read_xes(str(logs["xes"]))
    assert log["case:concept:name"].nunique() == 2
    approved = log[log["action"] == "approve"]
    tree = str(pm4py.discover_process_tree_inductive(approved))
    assert tree == "->( 'imagine approve', 'transform approve', 'realise approve', 'share approve' )"
    graph, starts, ends = pm4py.discover_dfg(log)
    assert (list(starts), list(ends)) == (["open"], ["complete"])
    assert graph[("imagine approve", "transform submit")] == 2
    objects = pm4py.read_ocel2_json(str(logs["ocel"]))
    kinds = set(objects.objects["ocel:type"])
    assert {"initiative", "cycle", "submission", "person", "post", "case"} <= kinds
    assert len(objects.events) == len(log)


def _quiet_pm4py() -> Any:
    """Without what it prints and warns of when it is imported."""
    os.environ.setdefault("PM4PY_NO_BANNER", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pm4py
    return pm4py


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
async def test_an_export_is_named_and_streamed(resumed: Http, ending: str) -> None:
    past.recorded(resumed.office, past.begun(resumed.office))
    answer = await resumed.call("GET", f"/exports/events.{ending}?bom=true")
    assert answer.headers["content-disposition"] == f'attachment; filename="events.{ending}"'
    assert len(io.BytesIO(answer.content).read()) > 100


async def test_sheets_are_pdf_for_whoever_is_signed_in(resumed: Http) -> None:
    play = past.begun(resumed.office)
    cycle = past.recorded(resumed.office, play)
    assert problem(await resumed.call("GET", f"/cycles/{cycle}/decision-sheet.pdf"))[:2] == (404, "unknown_version")
    play.submit(city.imagine())
    past.recorded(resumed.office, play)
    for path in (f"/cycles/{cycle}/decision-sheet.pdf?version=1&lang=en", f"/cycles/{cycle}/decision-sheet.pdf"):
        answer = await resumed.call("GET", path)
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
    assert problem(await resumed.call("GET", f"/cases/{cycle}/sheet.pdf"))[0] == 404
    assert (await resumed.call("GET", f"/cycles/{cycle}/decision-sheet.pdf", None)).status_code == 401


async def test_due_dates_stand_in_the_calendar_under_an_id_that_stays(quiet: Http) -> None:
    milestone = {"name": "試行", "due": "2027-02-01", "owner": city.OWNER}
    given = city.imagine().model_validate(city.imagine().model_dump(by_alias=True) | {"milestones": [milestone]})
    play = past.in_review(quiet.office, given)
    cycle = past.recorded(quiet.office, play)

    async def entries(person: str) -> dict[str, Any]:
        answer = await quiet.call("GET", "/me/calendar.ics", person)
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        return {str(one["uid"]): one for one in Calendar.from_ical(answer.content).walk("VEVENT")}

    due = (await quiet.call("GET", f"/cycles/{cycle}")).json()["waiting_for"]["due_at"]
    decision = (await entries(city.UNIT_CHIEF))[f"{cycle}-decision-1@dx-spiral"]
    assert decision["dtstart"].dt.isoformat() == due.replace("Z", "+00:00")
    before = (await entries(city.OWNER))[f"{cycle}-milestone-0@dx-spiral"]
    assert before["dtstart"].dt.isoformat() == "2027-02-01"
    condition = ConditionAsked(text="様式", due=date(2027, 1, 15))
    play.decide(Action.APPROVE_WITH_CONDITIONS, conditions=(condition,))
    past.recorded(quiet.office, play)
    after = await entries(city.OWNER)
    assert after[f"{cycle}-milestone-0@dx-spiral"]["sequence"] > before["sequence"]
    assert after[f"{cycle}-condition-1@dx-spiral"]["dtstart"].dt.isoformat() == "2027-01-15"
    assert await entries(city.UNIT_CHIEF) == {}
