"""The whole product as one process tree: from one person's task to a department's programme, killed in the middle."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

import engine
from engine.domain.deliverables import Deliverable
from tests.support import city

SPIRAL = (sys.executable, "-m", "api.cli.main")
SAMPLE = Path(engine.__file__).parent / "data" / "sample-city"
RINGS = [
    ("individual", "task", "p093", "p054"),
    ("unit", "process", "p054", "p015"),
    ("section", "project", "p015", "p014"),
    ("department", "programme", "p014", "p002"),
]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def plain(deliverable: Deliverable) -> Any:
    return deliverable.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class Whole:
    """`spiral up` on one data directory, started as often as it is killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None
        self.url = ""
        self.tokens: dict[str, str] = {}
        self._client = httpx.Client(timeout=30, trust_env=False)

    def up(self) -> None:
        command = [
            *SPIRAL,
            "up",
            "--data-dir",
            str(self.folder),
            "--port",
            "0",
            "--temporal-port",
            "0",
            "--no-sample",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = next(line for line in self.process.stdout if line.startswith("ready "))
        self.url = line.split()[1]

    def kill(self) -> None:
        """Everything at once, as a power cut does."""
        assert self.process is not None
        family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        for member in family:
            member.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=10)
        self.process.wait(timeout=10)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def spiral(self, *words: str) -> str:
        done = subprocess.run(
            [*SPIRAL, *words, "--data-dir", str(self.folder)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def call(self, method: str, path: str, person: str, body: Any = None, key: str | None = None) -> Any:
        token = self.tokens.setdefault(person, self.spiral("token", person) if person not in self.tokens else "")
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        answer = self._client.request(method, f"{self.url}/api/v1{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    def hand_in(self, cycle: str, person: str, deliverable: Deliverable) -> None:
        self.call("PUT", f"/cycles/{cycle}/draft", person, plain(deliverable))
        self.call("POST", f"/cycles/{cycle}/submit", person)

    def decide(self, cycle: str, person: str, number: int, key: str | None = None) -> Any:
        return self.call("POST", f"/cycles/{cycle}/decisions", person, {"action": "approve", "round": number}, key)

    def turn(self, cycle: str, owner: str, decider: str, following: dict[str, object] | None) -> None:
        sharing = city.share(following) if following else city.share()
        imagined = city.imagine(city.office_day())
        for number, deliverable in enumerate((imagined, city.transform(), city.realise(), sharing), start=1):
            self.hand_in(cycle, owner, deliverable)
            (item,) = [one for one in self.call("GET", "/inbox", decider)["items"] if one["cycle_id"] == cycle]
            assert item["round"] == number
            self.decide(cycle, decider, number)

    def there(self, cycle: str, person: str) -> Any:
        return until(lambda: next((one for one in self.listed(person) if one["id"] == cycle), None))

    def listed(self, person: str) -> list[Any]:
        found: list[Any] = self.call("GET", "/cycles", person)["items"]
        return found


def until(found: Callable[[], Any], within: float = 20) -> Any:
    deadline = time.monotonic() + within
    while not (value := found()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)
    return value


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    running = Whole(tmp_path / "city")
    running.up()
    yield running
    if running.process is not None and running.process.poll() is None:
        running.kill()


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
        until(lambda: said(whole, cycle, f"{part} is back"), within=60)  # noqa: B023 - called at once
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
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert "cycle_closed" in refused.stderr
