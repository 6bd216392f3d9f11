"""The whole as an operator runs it, on one directory and one database: started, hurt, started again, asked."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from engine.runtime import runfile
from engine.runtime.settings import load_settings
from tests.support import warm
from tests.support.databases import Cluster, create_postgres, own_cluster

SOON = 120.0
"""Seconds a busy machine may take for what takes a few."""


@dataclass
class Place:
    """One city, its database and its processes."""

    folder: Path
    cluster: Cluster | None = None
    database_url: str = ""
    url: str = ""
    _process: warm.Started | None = field(default=None, repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """What every command of ours gets."""
        return {"SPIRAL_LIMITS": "off"} | ({"SPIRAL_DATABASE_URL": self.database_url} if self.cluster else {})

    def up(self) -> None:
        """Starts, or starts again, and waits for *ready*."""
        words = [
            "up", "--data-dir", str(self.folder), "--port", "0", "--temporal-port", "0", "--no-sample-work",
        ]  # fmt: skip
        said = self.folder.parent / "up.log"
        with said.open("a", encoding="utf-8") as log:
            self._process = warm.Started(*words, env=os.environ | self.environment, errors=log)
        line = next((line for line in self._process.stdout if line.startswith("ready ")), None)
        assert line is not None, f"it did not start: {self._process.wait()}, {said.read_text()[-2000:]}"
        self.url = line.split()[1]

    def family(self, *names: str) -> list[psutil.Process]:
        """The processes of these parts (`temporal`, `worker`, `api`, `supervisor`); those that live."""
        run = runfile.read_run(self.folder)
        known = {one.name: one for one in (*run.parts, run.supervisor)} if run else {}
        if run:
            known["supervisor"] = run.supervisor
        return [handle for name in names if name in known and (handle := known[name].handle())]

    def send(self, number: signal.Signals, *names: str) -> None:
        """A signal to some parts."""
        for process in self.family(*names):
            process.send_signal(number)

    def kill_all(self) -> None:
        """Everything at once, as a power cut does."""
        assert self._process is not None
        family = [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children(recursive=True)]
        for member in family:
            with suppress(psutil.NoSuchProcess):  # with its parent gone a part may end by itself
                member.kill()
        psutil.wait_procs(family, timeout=SOON)
        self._process.wait(timeout=SOON)

    def kill_supervisor(self) -> None:
        """The parts stay behind without it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=SOON)

    def end(self) -> int:
        """As Ctrl-C does; gives the exit code."""
        if self._process is None or self._process.poll() is not None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=SOON)

    def spiral(self, *words: str) -> tuple[int, str]:
        """One command of the command line; its exit code and all it printed."""
        done = warm.spiral(*words, "--data-dir", str(self.folder), env=os.environ | self.environment, timeout=SOON)
        return done.returncode, done.stdout + done.stderr

    async def until_ready(self) -> None:
        """Waits until the API says that it can work again.

        Raises:
            TimeoutError: it never does; with what was said last.
        """
        deadline, said = time.monotonic() + SOON, ""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            while time.monotonic() < deadline:
                try:
                    answer = await client.get(f"{self.url}/readyz")
                    if answer.status_code == 200:
                        return
                    said = answer.text
                except httpx.HTTPError as error:
                    said = repr(error)
                await asyncio.sleep(0.2)
        raise TimeoutError(f"{self.url}: {said}")


@contextmanager
def place(folder: Path, database: str) -> Iterator[Place]:
    """A fresh city that runs; ended with the block, however it stands.

    Args:
        folder: its data directory.
        database: `sqlite` or `postgresql`.
    """
    if database == "postgresql":
        with own_cluster() as cluster:
            yield from _running(Place(folder, cluster, create_postgres(cluster.address)))
    else:
        yield from _running(Place(folder, None, load_settings(folder).database_url))


def _running(city: Place) -> Iterator[Place]:
    city.up()
    try:
        yield city
    finally:
        if city._process is not None and city._process.poll() is None:
            city.kill_all()
        for left in city.family("temporal", "worker", "api"):
            left.kill()
