"""What every test of a deploy asks for: where its files are, and a database with the roles that it makes."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.databases import Cluster, own_cluster

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def scripts(root: Path) -> Path:
    return root / "scripts" / "compose"


@dataclass(frozen=True)
class MadeDatabase:
    """A PostgreSQL server after `postgres-init.sh`, as the official image runs it on an empty volume."""

    cluster: Cluster
    secrets: Path
    scripts: Path

    @property
    def environment(self) -> dict[str, str]:
        """As the scripts of the shape find it; libpq takes the server's place from it."""
        host, _, port = self.cluster.address.partition("@")[2].partition(":")
        place = {"PGHOST": host, "PGPORT": port, "SQL_HOST": host, "SQL_PORT": port, "SQL_USER": "temporal"}
        return os.environ | place | {"SECRETS": str(self.secrets), "POSTGRES_USER": "spiral"}

    def url(self, name: str) -> str:
        """What a secret of that name holds."""
        return (self.secrets / name).read_text(encoding="utf-8").strip()

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        environment = self.environment | {"GRANTS": str(self.scripts / "grants.sql")}
        return subprocess.run(
            ["sh", self.scripts / script], env=environment, capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture(scope="module")
def made(scripts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeDatabase]:
    secrets = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run(["sh", scripts / "make-secrets.sh", secrets], capture_output=True, timeout=120, check=True)
    with own_cluster() as cluster:
        for name in ("spiral_owner_url", "spiral_app_url"):
            file = secrets / name
            text = file.read_text(encoding="utf-8").replace("postgresql:5432", cluster.address.partition("@")[2])
            file.chmod(0o644)
            file.write_text(text, encoding="utf-8")
        database = MadeDatabase(cluster, secrets, scripts)
        done = database.run("postgres-init.sh")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        yield database
