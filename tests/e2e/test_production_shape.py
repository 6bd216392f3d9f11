"""As `docker-compose.yml` runs it, without containers: PostgreSQL, a migration, two workers and an API."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

import engine
from engine.runtime.ports import any_free
from tests.e2e.test_four_rings import plain, until
from tests.support import city
from tests.support.databases import create_postgres

SPIRAL = (sys.executable, "-m", "api.cli.main")
SAMPLE = Path(engine.__file__).parent / "data" / "sample-city"
pytestmark = [pytest.mark.long, pytest.mark.postgres, pytest.mark.timeout(180)]


class Production:
    """Its processes, told everything by `SPIRAL_*`."""

    def __init__(self, database_url: str, temporal: Client, folder: Path) -> None:
        self.port = any_free("127.0.0.1")
        self.environment = os.environ | {
            "SPIRAL_DATABASE_URL": database_url,
            "SPIRAL_TEMPORAL_ADDRESS": temporal.service_client.config.target_host,
            "SPIRAL_TASK_QUEUE": f"production-{self.port}",
            "SPIRAL_SHARED_NAMESPACE": "1",
            "SPIRAL_SECRET": "production" * 5,
            "SPIRAL_PORT": str(self.port),
            "SPIRAL_DATA_DIR": str(folder),
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def begin(self, *words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([*SPIRAL, *words], env=self.environment, stderr=subprocess.DEVNULL)
        self.running.append(process)
        return process

    def spiral(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*SPIRAL, *words], env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )

    def call(self, method: str, path: str, person: str, body: Any = None) -> Any:
        token = self.spiral("token", person).stdout.strip()
        answer = httpx.request(
            method, f"http://127.0.0.1:{self.port}{path}", json=body, timeout=120, trust_env=False,
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
        assert answer.is_success, answer.text
        return answer.json()

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", trust_env=False).is_success
        except httpx.HTTPError:
            return False


@pytest.fixture
def production(postgres: str, temporal: Client, tmp_path: Path) -> Iterator[Production]:
    found = Production(create_postgres(postgres), temporal, tmp_path)
    yield found
    for process in found.running:
        process.kill()
        process.wait(timeout=120)


def test_two_workers_and_an_api_serve_a_cycle_on_postgresql_though_one_worker_is_killed(
    production: Production,
) -> None:
    early = production.spiral("import", "organisation", str(SAMPLE))
    assert (early.returncode, early.stderr.count("\n")) == (1, 1)
    assert "spiral migrate" in early.stderr
    assert production.spiral("migrate").returncode == 0
    assert production.spiral("import", "organisation", str(SAMPLE)).returncode == 0
    first, second, api = (production.begin(*words) for words in (("worker",), ("worker",), ("api",)))
    until(production.is_ready, within=180)
    asked = {"title": "題", "org_scope": "individual", "org_unit": "3110", "work_scope": "task"}
    cycle = production.call("POST", "/api/v1/initiatives", "p093", asked)["id"]
    place = f"/api/v1/cycles/{cycle}"
    production.call("PUT", f"{place}/draft", "p093", plain(city.imagine()))
    first.send_signal(signal.SIGKILL)
    production.call("POST", f"{place}/submit", "p093")
    done = production.call("POST", f"{place}/decisions", "p054", {"action": "approve", "round": 1})
    assert (done["step"], done["revision"]) == ("transform", 7)
    api.send_signal(signal.SIGTERM)
    assert api.wait(timeout=120) in {0, -signal.SIGTERM}  # uvicorn ends in order, and then by the signal it was given
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=120) == 0
