"""`spiral up` as one process tree for tests: started, killed, stopped, spoken to by HTTP and by command line."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

import engine
from engine.domain.deliverables import Deliverable
from tests.support import city, warm

SPIRAL = (sys.executable, "-m", "api.cli.main")
PATIENCE = 180.0
"""Seconds that a slow machine gets; what never comes is found all the same."""
SAMPLE = Path(engine.__file__).parent / "data" / "sample-city"


def plain(deliverable: Deliverable) -> Any:
    return deliverable.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class Whole:
    """`spiral up` on one data directory, started as often as it is killed; `loads` itself as people start it."""

    def __init__(self, folder: Path, *, loads: bool = False) -> None:
        self.folder, self.loads = folder, loads
        self.process: warm.Process | None = None
        self.url = ""
        self.tokens: dict[str, str] = {}
        self._client = httpx.Client(timeout=120, trust_env=False)

    def up(self, *options: str) -> None:
        """Empty unless the options say otherwise."""
        words = ["up", "--data-dir", str(self.folder), "--port", "0", "--temporal-port", "0"]
        words += options or ("--no-sample",)
        if self.loads:
            self.process = subprocess.Popen([*SPIRAL, *words], stdout=subprocess.PIPE, text=True)
        else:
            self.process = warm.Started(*words)
        assert self.process.stdout is not None
        line = next(line for line in self.process.stdout if line.startswith("ready "))
        self.url = line.split()[1]

    def kill(self) -> None:
        """Everything at once, as a power cut does."""
        assert self.process is not None
        family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        for member in family:
            with suppress(psutil.NoSuchProcess):  # it ended with its parent
                member.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=120)
        self.process.wait(timeout=120)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=120)

    def spiral(self, *words: str) -> str:
        done = warm.spiral(*words, "--data-dir", str(self.folder))
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


def until(found: Callable[[], Any], within: float = PATIENCE) -> Any:
    deadline = time.monotonic() + within
    while not (value := found()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)
    return value
