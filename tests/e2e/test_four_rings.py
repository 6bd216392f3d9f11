"""The whole product as one process tree: from one person's task to a department's programme, killed in the middle."""

import json
import subprocess
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support import city
from tests.support.whole import SAMPLE, SPIRAL, Whole, plain, until

RINGS = [
    ("individual", "task", "p093", "p054"),
    ("unit", "process", "p054", "p015"),
    ("section", "project", "p015", "p014"),
    ("department", "programme", "p014", "p002"),
]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def larger(ring: int) -> dict[str, object] | None:
    if ring + 1 == len(RINGS):
        return None
    org_scope, work_scope, _, _ = RINGS[ring + 1]
    return {"kind": "expand", "org_scope": org_scope, "work_scope": work_scope, "reason": "効いた"}


def test_a_persons_task_becomes_a_departments_programme_though_everything_is_killed_on_the_way(whole: Whole) -> None:
    assert "150 people" in whole.spiral("import", "organisation", str(SAMPLE))
    asked = {"title": "届く窓口", "org_scope": "individual", "org_unit": "3110", "work_scope": "task"}
    cycle = whole.call("POST", "/initiatives", "p093", asked)["id"]
    for ring, (org_scope, work_scope, owner, decider) in enumerate(RINGS):
        found = whole.there(cycle, owner)
        assert (found["org_scope"], found["work_scope"], found["owner"]) == (org_scope, work_scope, owner)
        if ring == 1:
            whole.hand_in(cycle, owner, city.imagine())
            accepted = whole.decide(cycle, decider, 1, key="before the power cut")
            whole.kill()
            whole.up()
            assert whole.decide(cycle, decider, 1, key="before the power cut") == accepted
            whole.call("POST", f"/cycles/{cycle}/comments", owner, {"text": "続ける"})
            for number, deliverable in enumerate((city.transform(), city.realise(), city.share(larger(1) or {})), 2):
                whole.hand_in(cycle, owner, deliverable)
                whole.decide(cycle, decider, number)
        else:
            whole.turn(cycle, owner, decider, larger(ring))
        cycle = f"{cycle}.1"
    spiral = whole.call("GET", f"/initiatives/{found['initiative_id']}", "p001")
    assert [ring["cycle"]["status"] for ring in spiral["cycles"]] == ["completed"] * 4
    assert [ring["hours_saved_per_year_increment"] for ring in spiral["cycles"]] == [300, 0, 0, 0]
    assert (spiral["hours_saved_per_year"], spiral["open_cycles"]) == (300, 0)
    assert whole.spiral("verify").endswith("ok")
    assert "rebuilt 4 cycles" in whole.spiral("rebuild")
    assert whole.spiral("verify").endswith("ok")
    assert whole.stop() == 0


def test_a_part_that_dies_comes_back_and_what_was_answered_is_still_there(whole: Whole) -> None:
    whole.spiral("import", "organisation", str(SAMPLE))
    asked = {"title": "題", "org_scope": "individual", "org_unit": "3110", "work_scope": "task"}
    cycle = whole.call("POST", "/initiatives", "p093", asked)["id"]
    whole.hand_in(cycle, "p093", city.imagine())
    for part in ("worker", "temporal", "api"):
        run = json.loads((whole.folder / "run.json").read_text())
        pid = next(one["pid"] for one in run["parts"] if one["name"] == part)
        psutil.Process(pid).kill()
        until(lambda: said(whole, cycle, f"{part} is back"), within=180)  # noqa: B023 - called at once
    comments = whole.call("GET", f"/cycles/{cycle}", "p093")["comments"]
    assert comments >= 3
    whole.decide(cycle, "p054", 1)
    until(lambda: whole.spiral("verify").endswith("ok"))


def said(whole: Whole, cycle: str, words: str) -> bool:
    """Asks again under the same key while a part is away."""
    try:
        whole.call("POST", f"/cycles/{cycle}/comments", "p093", {"text": words}, key=words.replace(" ", "-"))
    except (httpx.HTTPError, AssertionError):
        return False
    return True


@pytest.mark.long
def test_an_owner_and_a_manager_can_do_it_all_from_a_terminal(whole: Whole, tmp_path: Path) -> None:
    whole.spiral("import", "organisation", str(SAMPLE))
    line = whole.spiral("start", "届く窓口", "--unit", "3110", "--as", "p093", "--json")
    cycle = json.loads(line)["id"]
    form = tmp_path / "form.json"
    for deliverable in (city.imagine(), city.transform(), city.realise(), city.share(larger(0) or {})):
        form.write_text(json.dumps(plain(deliverable)), encoding="utf-8")
        whole.spiral("draft", cycle, str(form), "--as", "p093")
        whole.spiral("submit", cycle, "--as", "p093")
        assert cycle in whole.spiral("inbox", "--as", "p054")
        shown = whole.spiral("decide", cycle, "approve", "--as", "p054")
    assert "completed" in shown
    assert f"{cycle}.1" in shown
    refused = subprocess.run(
        [*SPIRAL, "submit", cycle, "--as", "p093", "--data-dir", str(whole.folder)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert "cycle_closed" in refused.stderr
