"""The engine's two jobs: its tables, and the namespace. The schema tool is Go's, and is run where it is."""

import os
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml
from temporalio.client import Client

from engine.runtime.embedded.devserver import find_binary
from tests.deploy.conftest import MadeDatabase
from tests.support.programs import at_work, found

pytestmark = pytest.mark.slow
BY_GO = "Go: go.temporal.io/server, cmd/server and cmd/tools/sql, at the release that docker-compose.yml names"
NOTE = """#!/bin/sh
echo "$SQL_PLUGIN $SQL_DATABASE $SQL_PASSWORD $*"
"""


def schema_versions(made: MadeDatabase) -> list[str]:
    place = made.cluster.address.partition("@")[2]
    versions = []
    for name in ("temporal", "temporal_visibility"):
        with psycopg.connect(f"postgresql://temporal@{place}/{name}") as connection:
            versions += [str(row[0]) for row in connection.execute("SELECT curr_version FROM schema_version")]
    return versions


def test_the_schema_job_brings_both_databases_up_with_the_password_out_of_its_file(
    scripts: Path, tmp_path: Path
) -> None:
    tool = tmp_path / "temporal-sql-tool"
    tool.write_text(NOTE, encoding="utf-8")
    tool.chmod(0o755)
    (tmp_path / "temporal_password").write_text("p4ss\n", encoding="utf-8")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SECRETS": str(tmp_path)}
    done = subprocess.run(
        ["sh", scripts / "temporal-schema.sh"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "postgres12 temporal p4ss setup-schema --version 0.0",
        "postgres12 temporal p4ss update-schema --schema-name postgresql/v12/temporal",
        "postgres12 temporal_visibility p4ss setup-schema --version 0.0",
        "postgres12 temporal_visibility p4ss update-schema --schema-name postgresql/v12/visibility",
    ]


@pytest.mark.postgres
def test_the_schema_job_makes_the_tables_as_the_engines_own_role_and_may_run_again(made: MadeDatabase) -> None:
    tool = found("temporal-sql-tool", BY_GO)
    if tool is None:
        assert "temporal-sql-tool" in (made.scripts / "temporal-schema.sh").read_text(encoding="utf-8")
        return
    first = made.run("temporal-schema.sh")
    assert first.returncode == 0, first.stdout + first.stderr
    versions = schema_versions(made)
    assert len(versions) == 2
    assert min(float(version) for version in versions) > 1
    assert made.run("temporal-schema.sh").returncode == 0
    assert schema_versions(made) == versions


PORTS = ("FRONTEND_GRPC", "FRONTEND_HTTP", "FRONTEND_MEMBERSHIP", "MATCHING_GRPC", "MATCHING_MEMBERSHIP",
         "HISTORY_GRPC", "HISTORY_MEMBERSHIP", "WORKER_GRPC", "WORKER_MEMBERSHIP")  # fmt: skip


def low_ports(number: int) -> list[int]:
    """Free ports below those that the system hands out itself: the engine's members find one another by them."""
    found_free: list[int] = []
    for port in range(20_000 + os.getpid() % 8_000, 32_000):
        with socket.socket() as trying, suppress(OSError):
            trying.bind(("127.0.0.1", port))
            found_free.append(port)
        if len(found_free) == number:
            break
    return found_free


@pytest.mark.postgres
def test_the_engine_starts_with_what_the_file_gives_it_and_its_health_is_the_databases_too(
    made: MadeDatabase, root: Path, tmp_path: Path
) -> None:
    given = yaml.safe_load((root / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["temporal"]
    *_, address = given["healthcheck"]["test"]
    assert address.startswith("http://127.0.0.1:7243/")
    server, tool = found("temporal-server", BY_GO), found("temporal-sql-tool", BY_GO)
    if server is None or tool is None:
        return
    assert made.run("temporal-schema.sh").returncode == 0
    ports = dict(zip(PORTS, map(str, low_ports(len(PORTS))), strict=True))
    host, _, port = made.cluster.address.partition("@")[2].partition(":")
    environment = given["environment"] | {f"{name}_PORT": value for name, value in ports.items()}
    environment |= {"POSTGRES_SEEDS": host, "DB_PORT": port, "BIND_ON_IP": "127.0.0.1", "PATH": os.environ["PATH"]}
    environment["DYNAMIC_CONFIG_FILE_PATH"] = str(made.scripts / "temporal-dynamic.yaml")
    environment["POSTGRES_PWD"] = made.url("temporal_password")
    asked = address.replace("7243", ports["FRONTEND_HTTP"])

    def answers() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(asked, trust_env=False, timeout=120).status_code == httpx.codes.OK
        return False

    words = [f"{name}={value}" for name, value in environment.items()]
    with at_work(["env", "-i", *words, server, "start"], answers, tmp_path, within=180):
        job = {"NAMESPACE": "spiral", "RETENTION": "2160h", "TEMPORAL_ADDRESS": f"127.0.0.1:{ports['FRONTEND_GRPC']}"}
        path = {"PATH": f"{find_binary().parent}:{os.environ['PATH']}"}
        command = ["sh", made.scripts / "temporal-namespace.sh"]
        done = subprocess.run(command, env=os.environ | job | path, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0
        made.cluster.stop()
        try:
            assert not answers()
        finally:
            made.cluster.start()


async def test_the_namespace_job_waits_for_the_engine_makes_it_once_and_leaves_it_then(
    scripts: Path, temporal: Client
) -> None:
    environment = os.environ | {
        "PATH": f"{find_binary().parent}:{os.environ['PATH']}",
        "TEMPORAL_ADDRESS": temporal.service_client.config.target_host,
        "NAMESPACE": f"deploy-{os.getpid()}",
        "RETENTION": "2160h",
    }

    def run(**changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", scripts / "temporal-namespace.sh"],
            env=environment | changes, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    first, second = run(), run()
    assert (first.returncode, "successfully registered" in first.stdout) == (0, True), first.stderr
    assert (second.returncode, second.stdout) == (0, f"namespace {environment['NAMESPACE']} is there\n")
    nowhere = run(TEMPORAL_ADDRESS="127.0.0.1:9", TRIES="1")
    assert (nowhere.returncode, nowhere.stderr.count("\n")) == (1, 1)
    assert "127.0.0.1:9" in nowhere.stderr
