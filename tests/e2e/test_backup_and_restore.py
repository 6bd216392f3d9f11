"""A running city is taken along in one file and goes on in an empty place, by command line as an operator would."""

import subprocess
from pathlib import Path

import pytest

from tests.support import city, warm
from tests.support.whole import SAMPLE, Whole

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_city_taken_along_while_it_runs_goes_on_in_an_empty_place(whole: Whole, tmp_path: Path) -> None:
    whole.spiral("import", "organisation", str(SAMPLE))
    asked = {"title": "届く窓口", "org_scope": "individual", "org_unit": "3110", "work_scope": "task"}
    cycle = whole.call("POST", "/initiatives", "p093", asked)["id"]
    whole.hand_in(cycle, "p093", city.imagine())
    taken, seals = tmp_path / "city.zip", tmp_path / "seals.txt"
    seals.write_text(whole.spiral("seal") + "\n", encoding="utf-8")
    said = whole.spiral("backup", str(taken))
    assert said.startswith("events ")
    whole.call("POST", f"/cycles/{cycle}/comments", "p093", {"text": "控えのあと"})
    refused = restore(taken, whole.folder)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert str(whole.folder) in refused.stderr
    whole.kill()

    other = Whole(tmp_path / "elsewhere")
    restored = restore(taken, other.folder)
    assert restored.returncode == 0, restored.stderr
    assert restored.stdout.startswith("cycles 1 ")
    again = restore(taken, other.folder)
    assert (again.returncode, again.stdout, again.stderr.count("\n")) == (1, "", 1)
    other.up()
    try:
        assert other.spiral("readopt") in {"started 0 cycles again", "started 1 cycles again"}  # or it did by itself
        assert other.spiral("verify", "--against", str(seals)).endswith("ok")
        (item,) = other.call("GET", "/inbox", "p054")["items"]
        assert (item["cycle_id"], item["round"]) == (cycle, 1)
        other.decide(cycle, "p054", 1)
        other.hand_in(cycle, "p093", city.transform())
        assert other.call("GET", f"/cycles/{cycle}", "p093")["comments"] == 0
        assert other.spiral("verify").endswith("ok")
        assert other.stop() == 0
    finally:
        if other.process is not None and other.process.poll() is None:
            other.kill()


def restore(taken: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    return warm.spiral("restore", str(taken), "--data-dir", str(folder))
