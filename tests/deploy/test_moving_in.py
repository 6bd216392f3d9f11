"""From the embedded default to production, as the guide says it: a backup, a restore, the roles, worker and API.

With the shape's own scripts and variables, on a real PostgreSQL and an engine of its own; without containers.
"""

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from engine.runtime.embedded.devserver import find_binary
from engine.runtime.ports import any_free
from engine.runtime.settings import Settings
from tests.deploy.conftest import ROOT, MadeDatabase
from tests.support import city, warm
from tests.support.whole import SAMPLE, Whole, plain, until

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(600)]
NO_NEW_CODE, REFUSE_EXEC_GAIN = 65, 1
"""`prctl(PR_SET_MDWE, …)`: what `MemoryDenyWriteExecute=` of the units comes to; older kernels do not know it."""


AS_THE_UNITS_DO = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl({NO_NEW_CODE}, {REFUSE_EXEC_GAIN}, 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-m", "api.cli.main", *sys.argv[1:]])
"""


def given(variable: str, file: Path) -> dict[str, str]:
    """A secret as the shape gives it: the file that holds it."""
    in_file = f"{variable}_FILE"
    if in_file.removeprefix("SPIRAL_").lower() in Settings.model_fields:
        return {in_file: str(file)}
    return {variable: file.read_text(encoding="utf-8").strip()}


class MovedIn:
    """The city in its new place, told everything by its environment."""

    def __init__(self, made: MadeDatabase, engine: str, folder: Path) -> None:
        self.made, self.port, self.nowhere = made, any_free("127.0.0.1"), folder / "nowhere"
        self.here, self.log = folder / "here", folder / "parts.log"
        self.here.mkdir()
        program = folder / "bin" / "spiral"
        program.parent.mkdir()
        warm.program(program)
        self.environment = os.environ | {
            "PATH": f"{program.parent}:{find_binary().parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "SPIRAL_DATA_DIR": str(self.nowhere),
            **given("SPIRAL_DATABASE_URL", made.secrets / "spiral_app_url"),
            **given("SPIRAL_SECRET", made.secrets / "spiral_secret"),
            "SPIRAL_TEMPORAL_ADDRESS": engine,
            "SPIRAL_TEMPORAL_NAMESPACE": f"moved-in-{os.getpid()}",
            "SPIRAL_PUBLIC_URL": "https://spiral.city.example",
            "SPIRAL_PORT": str(self.port),
            "SPIRAL_LOG_FORMAT": "json",
            # Nothing listens there: neither database nor engine may be asked for through the proxy.
            "HTTP_PROXY": "http://127.0.0.1:9",
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "NO_PROXY": "localhost,127.0.0.1",
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.tokens: dict[str, str] = {}

    @property
    def as_owner(self) -> dict[str, str]:
        """The variables of the jobs that make or fill tables."""
        return given("SPIRAL_DATABASE_URL", self.made.secrets / "spiral_owner_url")

    def run(self, *command: str, **changes: str) -> str:
        env = self.environment | changes
        if command[0] == "spiral":
            done = warm.spiral(*command[1:], env=env, cwd=self.here)
        else:
            done = subprocess.run(
                command, env=env, cwd=self.here, capture_output=True, text=True, timeout=120, check=False
            )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return (done.stdout + done.stderr).strip()

    def begin(self, part: str) -> None:
        with self.log.open("ab") as log:
            self.running[part] = subprocess.Popen(
                [sys.executable, "-c", AS_THE_UNITS_DO, part],
                env=self.environment,
                cwd=self.here,
                stdout=log,
                stderr=log,
            )

    def is_ready(self) -> bool:
        """Whether the API says so."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def is_healthy(self, part: str) -> bool:
        program = str(ROOT / "scripts" / "container_health.py")
        number = str(self.running[part].pid)
        assert self.running[part].poll() is None, self.log.read_text(encoding="utf-8")
        asked = subprocess.run(
            [sys.executable, program, part, number], env=self.environment, cwd=self.here, timeout=120, check=False
        )
        return asked.returncode == 0

    def call(self, method: str, path: str, person: str, body: Any = None) -> Any:
        if person not in self.tokens:
            self.tokens[person] = self.run("spiral", "token", person)
        answer = httpx.request(
            method, f"http://127.0.0.1:{self.port}/api/v1{path}", json=body, timeout=120, trust_env=False,
            headers={"Authorization": f"Bearer {self.tokens[person]}"},
        )  # fmt: skip
        assert answer.is_success, answer.text
        return answer.json()

    def stop(self) -> dict[str, int]:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        return {part: process.wait(timeout=120) for part, process in self.running.items()}


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Whole]:
    running = Whole(tmp_path / "city")
    running.up()
    yield running
    if running.process is not None and running.process.poll() is None:
        running.kill()


def test_a_city_moves_from_the_embedded_default_into_production_and_goes_on(
    embedded: Whole, made: MadeDatabase, temporal: Client, tmp_path: Path
) -> None:
    embedded.spiral("import", "organisation", str(SAMPLE))
    asked = {"title": "引っ越す窓口", "org_scope": "individual", "org_unit": "3110", "work_scope": "task"}
    cycle = embedded.call("POST", "/initiatives", "p093", asked)["id"]
    embedded.hand_in(cycle, "p093", city.imagine())
    taken, seals = tmp_path / "city.zip", tmp_path / "seals.txt"
    assert embedded.stop() == 0
    seals.write_text(embedded.spiral("seal") + "\n", encoding="utf-8")
    embedded.spiral("backup", str(taken))

    key = made.secrets / "spiral_secret"
    key.chmod(0o644)
    key.write_text((embedded.folder / "secret.key").read_text(encoding="utf-8"), encoding="utf-8")
    moved = MovedIn(made, temporal.service_client.config.target_host, tmp_path)
    restored = moved.run("spiral", "restore", str(taken), **moved.as_owner)
    assert restored.startswith("cycles 1 ")
    moved.run("spiral", "migrate", **moved.as_owner)
    assert made.run("grants.sh").returncode == 0
    namespace = {"NAMESPACE": moved.environment["SPIRAL_TEMPORAL_NAMESPACE"], "RETENTION": "2160h"}
    address = {"TEMPORAL_ADDRESS": moved.environment["SPIRAL_TEMPORAL_ADDRESS"]}
    moved.run("sh", str(made.scripts / "temporal-namespace.sh"), **namespace, **address)
    try:
        moved.begin("worker")
        moved.begin("api")
        until(moved.is_ready, within=120)  # asked first: a health check loads itself for every look
        until(lambda: moved.is_healthy("api"), within=120)
        until(lambda: moved.is_healthy("worker"), within=120)
        assert moved.run("spiral", "readopt") in {"started 0 cycles again", "started 1 cycles again"}
        looked_at = moved.run("spiral", "verify", "--against", str(seals))
        assert looked_at.endswith("ok")
        assert "triggers alone" not in looked_at
        (item,) = moved.call("GET", "/inbox", "p054")["items"]
        assert (item["cycle_id"], item["round"]) == (cycle, 1)
        moved.call("POST", f"/cycles/{cycle}/decisions", "p054", {"action": "approve", "round": 1})
        moved.call("PUT", f"/cycles/{cycle}/draft", "p093", plain(city.transform()))
        assert moved.call("POST", f"/cycles/{cycle}/submit", "p093")["step_status"] == "in_review"
        kept = tmp_path / "backups"
        kept.mkdir()
        moved.run("sh", str(ROOT / "scripts" / "backup.sh"), str(kept))
        (file,) = kept.iterdir()
        assert zipfile.is_zipfile(file)
        assert moved.run("spiral", "verify").endswith("ok")
    finally:
        ended = moved.stop()
    assert ended["worker"] == 0
    assert ended["api"] in {0, -signal.SIGTERM}
    assert (list(moved.here.iterdir()), moved.nowhere.exists()) == ([], False), (
        "something was written beside the database"
    )


def test_a_backup_counts_only_when_it_can_be_read_and_old_ones_go_only_then(
    made: MadeDatabase, tmp_path: Path
) -> None:
    kept, old = tmp_path / "backups", tmp_path / "backups" / "city-20260101T000000Z.zip"
    kept.mkdir()
    for file in (old, kept / "own.zip"):
        file.write_bytes(b"")
        os.utime(file, (0, 0))
    moved = MovedIn(made, "127.0.0.1:9", tmp_path)
    away = {name: value for name, value in moved.environment.items() if not name.startswith("SPIRAL_DATABASE_URL")}
    away["SPIRAL_DATABASE_URL"] = "postgresql+psycopg://spiral_app@127.0.0.1:9/spiral"
    command = ["sh", str(ROOT / "scripts" / "backup.sh"), str(kept)]
    failed = subprocess.run(command, env=away, cwd=moved.here, capture_output=True, timeout=120, check=False)
    assert failed.returncode == 1
    assert {file.name for file in kept.iterdir()} == {old.name, "own.zip"}
    moved.run("spiral", "migrate", **moved.as_owner)
    assert made.run("grants.sh").returncode == 0
    moved.run(*command)
    assert not old.exists()
    (new,) = [file for file in kept.iterdir() if file.name != "own.zip"]
    assert new.stat().st_mode & 0o077 == 0
