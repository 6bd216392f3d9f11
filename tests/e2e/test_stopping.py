"""`spiral up` ends when it is told to, at whatever moment of its first minutes, and the next start goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.support import warm
from tests.support.databases import fresh_postgres

SPIRAL = (sys.executable, "-m", "api.cli.main")
SOON = 180.0
"""Seconds. It takes about five; a busy machine gets more, and what hangs is found all the same."""
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Moment:
    """When the signal comes: `after` seconds past *ready*, or past the first of its processes."""

    ready: bool
    after: float = 0.0
    number: signal.Signals = signal.SIGINT
    twice: bool = False

    def __str__(self) -> str:
        when = f"{self.after} s after ready" if self.ready else f"{self.after} s after the first process"
        return f"{self.number.name}{' twice' if self.twice else ''} {when}"


SHORT = (Moment(False, number=signal.SIGTERM), Moment(True, 4.0, twice=True))
LONG = tuple(
    Moment(ready, after, number, twice)
    for ready, after, number, twice in zip(
        [False] * 6 + [True] * 14,
        (0.0, 0.3, 0.8, 1.5, 3.0, 5.0, 0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0),
        [signal.SIGINT, signal.SIGTERM] * 10,
        [False, False, False, True] * 5,
        strict=True,
    )
)


def stopped(folder: Path, moment: Moment) -> None:
    """Starts the whole with its sample, stops it at that moment, and looks whether anything is left."""
    words = ["up", "--data-dir", str(folder), "--port", "0", "--temporal-port", "0"]
    with warm.Started(*words) if moment.ready else _loading(*words) as process:
        try:
            _wait(process, folder, moment)
            family = psutil.Process(process.pid).children(recursive=True)
            assert family
            process.send_signal(moment.number)
            if moment.twice:
                process.send_signal(moment.number)
            code = process.wait(timeout=SOON)
        except BaseException:
            process.kill()
            raise
    assert code == 0, moment
    _, alive = psutil.wait_procs(family, timeout=SOON)
    assert [one.name() for one in alive] == [], moment
    assert not (folder / "run.json").exists(), moment


def _loading(*words: str) -> subprocess.Popen[str]:
    """As people start it: what is stopped before it is ready is stopped while it loads."""
    return subprocess.Popen([*SPIRAL, *words], stdout=subprocess.PIPE, text=True)


def _wait(process: warm.Process, folder: Path, moment: Moment) -> None:
    assert process.stdout is not None
    if moment.ready:
        assert any(line.startswith("ready ") for line in process.stdout)
    else:
        _until((folder / "run.json").exists)
    time.sleep(moment.after)


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def goes_on(folder: Path) -> None:
    """Starts once more, waits until the sample's cases are there, and has the record checked while it runs."""
    words = ["up", "--data-dir", str(folder), "--port", "0", "--temporal-port", "0", "--no-sample-work"]
    with warm.Started(*words) as process:
        try:
            assert any(line.startswith("ready ") for line in process.stdout)
            _until(lambda: _cases(folder) == 3)
            verified = warm.spiral("verify", "--data-dir", str(folder))
            assert verified.returncode == 0, verified.stdout + verified.stderr
        finally:
            process.terminate()
            assert process.wait(timeout=SOON) == 0


def _cases(folder: Path) -> int:
    done = warm.spiral("export", "cases", "--format", "json", "--data-dir", str(folder))
    return len(json.loads(done.stdout)) if done.returncode == 0 else 0


@pytest.mark.timeout(1200)
def test_a_stop_at_either_of_two_moments_ends_everything_and_the_next_start_goes_on(tmp_path: Path) -> None:
    for moment in SHORT:
        stopped(tmp_path, moment)
    goes_on(tmp_path)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_stop_at_any_of_twenty_moments_ends_everything_and_the_next_start_goes_on(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "postgresql":
        monkeypatch.setenv("SPIRAL_DATABASE_URL", fresh_postgres(request.getfixturevalue("postgres")))
    assert ("SPIRAL_DATABASE_URL" in os.environ) == (kind == "postgresql")
    for moment in LONG:
        stopped(tmp_path, moment)
    goes_on(tmp_path)
