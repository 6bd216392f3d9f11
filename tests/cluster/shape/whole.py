"""All of it together: started in order, hurt by name, asked through the proxy."""

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

import engine
from engine.runtime.settings import Settings
from tests.cluster.shape import proxy
from tests.cluster.shape.database import APP, OWNER, PostgreSQL, postgresql
from tests.cluster.shape.processes import Processes, low_ports
from tests.cluster.shape.programs import haproxy, programs
from tests.cluster.shape.temporal import NAMESPACE, Temporal
from tests.support.certificates import Authority
from tests.support.whole import until

SPIRAL = (sys.executable, "-m", "api.cli.main")
SAMPLE = Path(engine.__file__).parent / "data" / "sample-city"
SECRET = "a cluster on one machine " * 2
BUILD = "r1"
"""What its workers run."""
WORKERS, APIS = ("worker1", "worker2"), ("api1", "api2")
SOON = 120.0
"""Seconds a busy machine may take for what takes a few."""


@dataclass
class Shape:
    """A city as a large one runs it."""

    folder: Path
    authority: Authority
    processes: Processes
    temporal: Temporal
    database: PostgreSQL
    more: dict[str, str] = field(default_factory=dict)
    """Variables of our processes besides."""
    ports: list[int] = field(default_factory=lambda: low_ports(1 + len(APIS)))

    @property
    def url(self) -> str:
        """Of the proxy."""
        return f"https://localhost:{self.ports[0]}"

    @property
    def trusted(self) -> ssl.SSLContext:
        """For clients that check the proxy's certificate."""
        return ssl.create_default_context(cafile=self.authority.folder / "ca.pem")

    def variables(self, role: str = APP) -> dict[str, str]:
        """What each process of ours is told."""
        return (
            self.temporal.variables
            | {
                "SPIRAL_DATABASE_URL": self.database.url(role),
                "SPIRAL_SECRET": SECRET,
                "SPIRAL_PUBLIC_URL": self.url,
                "SPIRAL_DATA_DIR": str(self.folder / "data"),
                "SPIRAL_LOG_FORMAT": "json",
                "SPIRAL_BUILD_ID": BUILD,
            }
            | self.more
        )

    def settings(self) -> Settings:
        """The same, for what a test does itself in our name."""
        return Settings(
            database_url=self.database.url(APP), secret=SECRET, data_dir=self.folder / "data",
            temporal_address=self.temporal.address, temporal_namespace=NAMESPACE,
        )  # fmt: skip

    def spiral(self, *words: str, role: str = APP, **more: str) -> tuple[int, str]:
        """One command of the command line; its exit code and all it printed."""
        done = subprocess.run(
            [*SPIRAL, *words], env=os.environ | self.variables(role) | more,
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def must(self, *words: str, role: str = APP) -> str:
        """The same, and it has to end well."""
        code, said = self.spiral(*words, role=role)
        assert code == 0, said
        return said

    def worker(self, name: str, **more: str) -> None:
        """Starts one."""
        self.processes.begin(name, [*SPIRAL, "worker"], self.variables() | more)

    def api(self, name: str) -> None:
        """Starts one on its port."""
        port = self.ports[1 + APIS.index(name)]
        self.processes.begin(name, [*SPIRAL, "api"], self.variables() | {"SPIRAL_PORT": str(port)})

    def up(self) -> None:
        """From empty databases to a city that answers."""
        self.temporal.prepare()
        self.temporal.start()
        self.must("migrate", role=OWNER)
        self.database.grant()
        self.must("import", "organisation", str(SAMPLE))
        for name in WORKERS:
            self.worker(name)
        for name in APIS:
            self.api(name)
        tls = self.authority.signs("proxy")
        configuration = proxy.configure(self.folder, self.ports[0], self.ports[1:], tls)
        self.processes.begin("proxy", [haproxy(), "-db", "-f", str(configuration)])
        self.until_ready()

    def ask(self, path: str) -> httpx.Response:
        """Through the proxy, whose certificate is checked."""
        with httpx.Client(verify=self.trusted, trust_env=False, timeout=30) as client:
            return client.get(f"{self.url}{path}")

    def is_ready(self) -> bool:
        """Whether the city can work."""
        try:
            return self.ask("/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def until_ready(self) -> None:
        """Waits for it."""
        until(self.is_ready, within=SOON)


@contextmanager
def shape(folder: Path, **more: str) -> Iterator[Shape]:
    """A fresh one that runs; ended with the block, however it stands.

    Args:
        more: variables of our processes besides.
    """
    for inner in ("logs", "data"):
        (folder / inner).mkdir(parents=True, exist_ok=True)
    authority, processes = Authority.made(folder), Processes(folder / "logs")
    with postgresql(authority) as database:
        temporal = Temporal(folder, authority, programs(), processes, database.place)
        found = Shape(folder, authority, processes, temporal, database, more)
        try:
            found.up()
            yield found
        finally:
            processes.end_all()
