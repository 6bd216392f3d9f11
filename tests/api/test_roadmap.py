from engine.contracts.documents import ROADMAP
from engine.domain.roadmap import Edition, Governance, Pillar, Startup
from engine.store.record import verify as check
from tests.api.conftest import Http, problem
from tests.support import city, past

LED = Governance.SECTION_LED


def put_in_force(http: Http, edition: Edition) -> None:
    http.office.directory.import_document(ROADMAP, edition.id, edition, "test")


async def test_initiatives_follow_a_renamed_startup_and_a_split_one_asks_to_be_reassigned(quiet: Http) -> None:
    put_in_force(quiet, Edition(id="one", startups=tuple(Startup(code=code, governance=LED) for code in ("A", "B"))))
    renamed = past.recorded(quiet.office, past.approved(quiet.office, city.imagine(), startup="A"))
    split = past.recorded(quiet.office, past.begun(quiet.office, startup="B"))
    put_in_force(
        quiet,
        Edition(
            id="two",
            startups=(
                Startup(code="A2", governance=LED, replaces=("A",)),
                Startup(code="B1", governance=LED, replaces=("B",)),
                Startup(code="B2", governance=LED, replaces=("B",)),
            ),
        ),
    )
    found = (await quiet.call("GET", "/roadmap")).json()
    for code in ("A", "A2"):
        assert (await quiet.call("GET", f"/dashboard?startup={code}")).json()["cycles"]["value"] == 1
    by_code = {one["code"]: one for one in found["startups"]}
    assert [one["newest_cycle"] for one in by_code["A2"]["initiatives"]] == [renamed]
    assert by_code["A2"]["progress"] == {"value": 25.0, "unit": "%", "n": 4}
    assert by_code["A2"]["proposal"]["body"]["startup"] == "A2"
    assert by_code["B1"]["progress"]["value"] is None
    assert [(one["initiative"]["newest_cycle"], one["candidates"]) for one in found["to_reassign"]] == [
        (split, ["B1", "B2"])
    ]


async def test_two_editions_are_compared_by_id_or_number(quiet: Http) -> None:
    put_in_force(quiet, Edition(id="one", startups=(Startup(code="A", governance=LED),)))
    put_in_force(quiet, Edition(id="two", startups=(Startup(code="A", governance=LED, overview="詳しく"),)))
    numbers = {one["id"]: one["number"] for one in (await quiet.call("GET", "/roadmap/editions")).json()["items"]}
    for b in ("two", str(numbers["two"])):
        found = (await quiet.call("GET", f"/roadmap/editions/one/diff/{b}")).json()
        changed = next(one for one in found["changes"] if one["what"] == "startup")
        assert changed["changes"] == [{"field": "overview", "before": None, "after": "詳しく"}]
    status, code, _ = problem(await quiet.call("GET", "/roadmap/editions/one/diff/nine"))
    assert (status, code) == (404, "unknown_edition")


async def test_a_cycle_under_a_split_startup_is_moved_by_its_owner_and_no_longer_asks_for_it(http: Http) -> None:
    put_in_force(http, Edition(id="one", startups=(Startup(code="B", governance=LED),)))
    split = await http.start(startup="B")
    cross = Startup(code="B2", governance=Governance.CROSS_AGENCY, pillar=Pillar.P3, replaces=("B",))
    put_in_force(http, Edition(id="two", startups=(Startup(code="B1", governance=LED, replaces=("B",)), cross)))
    place = f"/cycles/{split}/startup"
    refused = await http.call("POST", place, city.UNIT_CHIEF, {"startup": "B2"})
    assert problem(refused)[:2] == (403, "not_yours_to_assign")
    assert problem(await http.call("POST", place, city.OTHER, {"startup": "B2"}))[:2] == (404, "unknown_cycle")
    unknown = problem(await http.call("POST", place, json={"startup": "B9"}))
    assert unknown == (422, "invalid_fields", [("/startup", "unknown_startup")])
    moved = (await http.call("POST", place, json={"startup": "B2"})).json()
    assert (moved["startup"], moved["governance"], moved["pillar"]) == ("B2", "cross_agency", "P3")
    assert problem(await http.call("POST", place, json={"startup": "B2"}))[:2] == (409, "startup_is_the_same")
    found = (await http.call("GET", "/roadmap")).json()
    assert found["to_reassign"] == []
    by_code = {one["code"]: one for one in found["startups"]}
    assert [one["newest_cycle"] for one in by_code["B2"]["initiatives"]] == [split]
    assert check.verify(http.office.database).faults == ()
