"""`spiral verify` and `spiral readopt` on the directory of a city that is stopped, beside one that runs."""

import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine
from tests.e2e.test_four_rings import Whole
from tests.support import warm

SAMPLE = Path(engine.__file__).parent / "data" / "sample-city"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def spiral(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return warm.spiral(*words, "--data-dir", str(folder))


@pytest.fixture
def cities(tmp_path: Path) -> Iterator[tuple[Whole, Whole]]:
    both = Whole(tmp_path / "stopped"), Whole(tmp_path / "running")
    yield both
    for city in both:
        if city.process is not None and city.process.poll() is None:
            city.kill()


@pytest.mark.long
def test_a_stopped_city_is_compared_with_its_own_engine_and_never_with_the_one_that_runs(
    cities: tuple[Whole, Whole],
) -> None:
    stopped, running = cities
    stopped.up()
    stopped.spiral("import", "organisation", str(SAMPLE))
    asked = {"title": "止まる前に", "org_scope": "individual", "org_unit": "3110", "work_scope": "task"}
    cycle = stopped.call("POST", "/initiatives", "p093", asked)["id"]
    assert stopped.stop() == 0
    running.up()
    found = spiral(stopped.folder, "verify")
    assert (found.returncode, found.stderr) == (0, "")
    assert "revisions were not compared" in found.stdout
    assert found.stdout.splitlines()[-1] == "ok"
    assert "started 0 cycles" in spiral(stopped.folder, "readopt").stdout
    living = spiral(running.folder, "verify")
    assert (living.returncode, "not compared" in living.stdout) == (0, False)
    for left in stopped.folder.glob("temporal.db*"):
        left.unlink()  # the engine's store is lost
    lost = spiral(stopped.folder, "verify")
    assert (lost.returncode, f"{cycle}: open_but_not_running" in lost.stdout) == (1, True), lost
    assert "started 1 cycles" in spiral(stopped.folder, "readopt").stdout
    assert spiral(stopped.folder, "verify").returncode == 0
    assert spiral(running.folder, "verify").returncode == 0
    stopped.up()
    assert stopped.call("GET", f"/cycles/{cycle}", "p093")["revision"] == 1


def test_a_directory_that_runs_nothing_and_a_database_elsewhere_is_one_line_that_says_what_is_missing(
    tmp_path: Path,
) -> None:
    assert spiral(tmp_path, "migrate").returncode == 0
    for word in ("worker", "api"):
        done = spiral(tmp_path, word)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert "SPIRAL_TEMPORAL_ADDRESS" in done.stderr
    with sqlite3.connect(tmp_path / "spiral.db") as database:
        assert database.execute("SELECT count(*) FROM installation").fetchone() == (1,)
