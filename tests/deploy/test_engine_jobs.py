"""The engine's two jobs: its tables, and the namespace. The schema tool is Go's, and is run where it is."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from temporalio.client import Client

from engine.runtime.embedded.devserver import find_binary
from tests.deploy.conftest import MadeDatabase
from tests.support.programs import found

pytestmark = pytest.mark.slow
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
        timeout=20,
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
    tool = found(
        "temporal-sql-tool", "go install go.temporal.io/server/cmd/tools/sql at the version of docker-compose.yml"
    )
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
            env=environment | changes, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    first, second = run(), run()
    assert (first.returncode, "successfully registered" in first.stdout) == (0, True), first.stderr
    assert (second.returncode, second.stdout) == (0, f"namespace {environment['NAMESPACE']} is there\n")
    nowhere = run(TEMPORAL_ADDRESS="127.0.0.1:9", TRIES="1")
    assert (nowhere.returncode, nowhere.stderr.count("\n")) == (1, 1)
    assert "127.0.0.1:9" in nowhere.stderr
