"""`spiral releases` on a whole city whose builds have names: an upgrade of the embedded default."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine
from tests.support.whole import Whole, until

SAMPLE = Path(engine.__file__).parent / "data" / "sample-city"
SPIRAL = (sys.executable, "-m", "api.cli.main")
pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Whole]:
    found = Whole(tmp_path / "city")
    yield found
    if found.process is not None and found.process.poll() is None:
        found.kill()


def test_an_embedded_city_of_a_newer_build_takes_its_cycles_over_and_never_answers_away(
    town: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.up()
    assert "no build has a name" in town.spiral("releases")
    town.spiral("import", "organisation", str(SAMPLE))
    asked = {"title": "版をまたいで", "org_scope": "individual", "org_unit": "3110", "work_scope": "task"}
    cycle = town.call("POST", "/initiatives", "p093", asked)["id"]
    assert town.stop() == 0

    for build, before in (("r1", None), ("r2", "r1")):
        monkeypatch.setenv("SPIRAL_BUILD_ID", build)
        town.up("--no-sample")
        until(lambda line=f"{build} 1 current": line in town.spiral("releases").splitlines(), within=180)
        if before:
            assert f"{before} 0 drained" in town.spiral("releases") or f"{before} 0 draining" in town.spiral(
                "releases"
            )
        town.call("POST", f"/cycles/{cycle}/comments", "p093", {"text": f"{build} から"})
        if build == "r2":
            refused = subprocess.run(
                [*SPIRAL, "releases", "--promote", "r9", "--data-dir", str(town.folder)],
                capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
            assert refused.returncode == 1
            assert "no worker of build r9 asks for work" in refused.stderr
            assert town.spiral("verify").splitlines()[-1] == "ok"
        assert town.stop() == 0

    monkeypatch.delenv("SPIRAL_BUILD_ID")
    up = subprocess.run(
        [*SPIRAL, "up", "--no-sample", "--data-dir", str(town.folder), "--port", "0", "--temporal-port", "0"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert up.returncode == 1
    assert "SPIRAL_BUILD_ID" in up.stderr
