"""Ten rings in three branches: one merges with another initiative on its way to the whole city, one stops holding."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.runtime.settings import load_settings
from tests.e2e.test_four_rings import SAMPLE, Whole, until
from tests.support import city
from tests.support.tokens import token_of

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]
PEOPLE = ("p093", "p054", "p015", "p014", "p002", "p001")
TASK = {"org_scope": "individual", "org_unit": "3110", "work_scope": "task"}


def expand(org_scope: str | None = None, work_scope: str | None = None, **more: str) -> dict[str, object]:
    return {"kind": "expand", "org_scope": org_scope, "work_scope": work_scope, "reason": "効いた"} | more


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    running = Whole(tmp_path / "city")
    running.up()
    settings = load_settings(running.folder)
    running.tokens.update({person: token_of(settings, person) for person in PEOPLE})
    yield running
    if running.process is not None and running.process.poll() is None:
        running.kill()


class Spiral:
    """Rings turned by whoever owns them and approved by whomever the route asks."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole

    def start(self, title: str) -> str:
        found: str = self.whole.call("POST", "/initiatives", "p093", {"title": title} | TASK)["id"]
        return found

    def there(self, cycle: str) -> Any:
        """The cycle, once it has begun."""
        listed = until(lambda: [one for one in self.whole.listed("p001") if one["id"] == cycle])
        return listed[0]

    def turn(self, cycle: str, minutes: float, cases: float, *following: dict[str, object]) -> list[str]:
        """One ring; gives everybody who approved its Share."""
        owner = self.there(cycle)["owner"]
        given = (
            city.imagine(city.office_day()),
            city.transform(),
            city.realise(minutes, cases),
            city.share(*following),
        )
        for deliverable in given:
            self.whole.hand_in(cycle, owner, deliverable)
            approved = []
            while (found := self.whole.call("GET", f"/cycles/{cycle}", owner))["waiting_for"]["kind"] == "approver":
                approved.append(found["waiting_for"]["people"][0])
                self.whole.decide(cycle, approved[-1], found["round"])
        return approved


def test_ten_rings_in_three_branches_with_a_merge_add_up_to_what_a_recount_gives(whole: Whole) -> None:
    whole.spiral("import", "organisation", str(SAMPLE))
    at = Spiral(whole)
    first, other = at.start("届く窓口"), at.start("書かない窓口")
    unit, retry, process = f"{first}.1", f"{first}.2", f"{first}.3"
    section = f"{unit}.1"
    again = {"kind": "retry", "reason": "もう一度"}
    at.turn(first, 12, 1000, expand("unit"), again, expand(work_scope="process"))
    assert at.turn(unit, 6, 1000, expand("section", "process")) == ["p015"]
    assert at.there(section)["owner"] == "p015"
    join = {"kind": "expand", "join": section, "reason": "課で一緒に進める"}
    for cycle, minutes in ((retry, 9), (other, 18)):
        assert at.turn(cycle, minutes, 1000, join) == ["p015", "p054"]  # the receiving head agrees first
    until(lambda: len(at.there(section)["joined"]) == 2)
    at.turn(process, 15, 1000, expand("unit", "project"))
    department, citywide = f"{section}.1", f"{section}.1.1"
    at.turn(section, 6, 3000, expand("department", "project"))
    assert at.turn(department, 6, 5000, expand("citywide", "programme", owner="p002")) == ["p001", "p002"]
    at.turn(citywide, 12, 5000)
    branch, sustained = f"{process}.1", f"{process}.1.1"
    at.turn(branch, 12, 1000, {"kind": "sustain", "review_on": "2099-04-01", "reason": "続くか"})
    assert at.there(sustained)["status"] == "on_hold"
    whole.call("POST", f"/cycles/{sustained}/resume", "p054")
    at.turn(sustained, 30, 1000)

    initiative, neighbour = first.rpartition("-")[0], other.rpartition("-")[0]
    found = whole.call("GET", f"/initiatives/{initiative}/lineage", "p001")
    own = {one["id"]: one["hours_saved_per_year"] for one in found["nodes"]}
    assert own == {
        first: 300, unit: 400, retry: 350, process: 250, other: 200, section: 1200, department: 2000, citywide: 1500,
        branch: 300, sustained: 0,
    }  # fmt: skip
    kinds = {(one["parent"], one["child"]): one["kind"] for one in found["edges"]}
    assert kinds == {
        (first, unit): "expand", (first, retry): "retry", (first, process): "expand", (unit, section): "expand",
        (retry, section): "join", (other, section): "join", (process, branch): "expand",
        (section, department): "expand", (department, citywide): "expand", (branch, sustained): "sustain",
    }  # fmt: skip
    for edge in found["edges"]:
        events = whole.call("GET", f"/cycles/{edge['child']}/events", "p001")["items"]
        told = next(one for one in events if one["seq"] == edge["seq"])
        assert edge["parent"] in (told["data"].get("parent"), *told["data"].get("parents", ()))
    # The city's place holds 1500. In the branch that did not merge, the process held 250 where its first ring's place
    # holds 350 (-100), and nothing is left of what it became (0 - 250): 1500 - 100 - 250.
    total = whole.call("GET", "/effects", "p001")["total"]
    assert total == {"hours_saved_per_year": 1150, "yen_per_year": None, "measured": 10, "unmeasured": 0, "worse": 0}
    sums = [
        whole.call("GET", f"/initiatives/{one}", "p001")["hours_saved_per_year"] for one in (initiative, neighbour)
    ]
    assert sums == [950, 200]
    node = next(one for one in found["nodes"] if one["id"] == sustained)
    assert (node["sustained"]["outcome"], node["hours_saved_per_year_increment"]) == ("lost", -300)
    printed = whole.spiral("lineage", initiative, "--as", "p001")
    assert all(cycle in printed for cycle in own)
    assert "1150" in whole.spiral("effects", "--by", "org_unit", "--as", "p001")
    assert "rebuilt 10 cycles" in whole.spiral("rebuild")
    assert whole.spiral("verify").endswith("ok")
    assert whole.stop() == 0
