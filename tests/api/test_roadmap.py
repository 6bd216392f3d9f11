from engine.domain.roadmap import Edition, Governance, Startup
from engine.store.directory import ROADMAP
from tests.api.conftest import Http, problem
from tests.support import city

LED = Governance.SECTION_LED


def put_in_force(http: Http, edition: Edition) -> None:
    http.office.directory.import_document(ROADMAP, edition.id, edition, "test")


async def test_initiatives_follow_a_renamed_startup_and_a_split_one_asks_to_be_reassigned(http: Http) -> None:
    put_in_force(http, Edition(id="one", startups=tuple(Startup(code=code, governance=LED) for code in ("A", "B"))))
    renamed, split = await http.start(startup="A"), await http.start(startup="B")
    await http.hand_in(renamed, city.imagine())
    await http.approve(renamed)
    put_in_force(
        http,
        Edition(
            id="two",
            startups=(
                Startup(code="A2", governance=LED, replaces=("A",)),
                Startup(code="B1", governance=LED, replaces=("B",)),
                Startup(code="B2", governance=LED, replaces=("B",)),
            ),
        ),
    )
    found = (await http.call("GET", "/roadmap")).json()
    by_code = {one["code"]: one for one in found["startups"]}
    assert [one["newest_cycle"] for one in by_code["A2"]["initiatives"]] == [renamed]
    assert by_code["A2"]["progress"] == {"value": 25.0, "unit": "%", "n": 4}
    assert by_code["A2"]["proposal"]["body"]["startup"] == "A2"
    assert by_code["B1"]["progress"]["value"] is None
    assert [(one["initiative"]["newest_cycle"], one["candidates"]) for one in found["to_reassign"]] == [
        (split, ["B1", "B2"])
    ]


async def test_two_editions_are_compared_by_id_or_number(http: Http) -> None:
    put_in_force(http, Edition(id="one", startups=(Startup(code="A", governance=LED),)))
    put_in_force(http, Edition(id="two", startups=(Startup(code="A", governance=LED, overview="詳しく"),)))
    numbers = {one["id"]: one["number"] for one in (await http.call("GET", "/roadmap/editions")).json()["items"]}
    for b in ("two", str(numbers["two"])):
        found = (await http.call("GET", f"/roadmap/editions/one/diff/{b}")).json()
        changed = next(one for one in found["changes"] if one["what"] == "startup")
        assert changed["changes"] == [{"field": "overview", "before": None, "after": "詳しく"}]
    status, code, _ = problem(await http.call("GET", "/roadmap/editions/one/diff/nine"))
    assert (status, code) == (404, "unknown_edition")
