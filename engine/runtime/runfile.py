"""What of the embedded whole runs now: `run.json` and the lock of a data directory.

Other commands find the running engine by it, and a new start finds what a crash left behind. Must not start anything.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict, ValidationError

from engine.language.catalogues import both
from engine.runtime.problems import SetupError

RUN_FILE = "run.json"
LOCK_FILE = "spiral.lock"
_SAME_START = 0.05
"""Seconds. The kernel counts a process's start in ticks of 10 ms; reading it twice may differ in the last digit."""


class RunningProcess(BaseModel):
    """A process that is surely the one meant: a pid comes round again, a pid with its start time does not."""

    model_config = ConfigDict(frozen=True)

    name: str
    pid: int
    created: float

    @classmethod
    def of(cls, name: str, pid: int) -> "RunningProcess | None":
        """The process as it runs now; `None` if it has ended already."""
        try:
            return cls(name=name, pid=pid, created=psutil.Process(pid).create_time())
        except psutil.Error:
            return None

    def handle(self) -> psutil.Process | None:
        """The live process; `None` if it ended, is only waiting to be reaped, or if its pid is another's by now."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < _SAME_START
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


class Run(BaseModel):
    """The content of `run.json`. Ports are those of `host`; `parts` come and go while it runs."""

    model_config = ConfigDict(frozen=True)

    supervisor: RunningProcess
    host: str
    port: int
    temporal_port: int
    ui_port: int | None = None
    parts: tuple[RunningProcess, ...] = ()

    @property
    def url(self) -> str:
        """Where people find the pages and programs the API."""
        return f"http://{self.host}:{self.port}"


def write_run(data_dir: Path, run: Run) -> None:
    """Replace `run.json` in one step, so that a reader never sees half of it."""
    fresh = data_dir / f"{RUN_FILE}.new"
    fresh.write_text(run.model_dump_json(indent=2) + "\n", encoding="utf-8")
    fresh.replace(data_dir / RUN_FILE)


def read_run(data_dir: Path) -> Run | None:
    """What `run.json` says, whether it still runs or not; `None` if there is none to read."""
    try:
        return Run.model_validate_json((data_dir / RUN_FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def running(data_dir: Path) -> Run | None:
    """The embedded whole that runs on this directory at this moment."""
    run = read_run(data_dir)
    return run if run is not None and run.supervisor.handle() is not None else None


def forget_run(data_dir: Path) -> None:
    """Nothing runs any more."""
    (data_dir / RUN_FILE).unlink(missing_ok=True)


def end_leftovers(data_dir: Path, patience: float = 5.0) -> Sequence[str]:
    """End the parts that outlived their supervisor. Only for who holds the lock.

    Returns:
        The names of the parts that were ended.
    """
    run = read_run(data_dir)
    left = [(part.name, process) for part in run.parts if (process := part.handle())] if run else []
    for _, process in left:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs([process for _, process in left], timeout=patience)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=patience)
    forget_run(data_dir)
    return [name for name, _ in left]


@contextmanager
def hold(data_dir: Path) -> Iterator[None]:
    """Hold the directory for this process alone; the kernel lets go of it however the process ends.

    Raises:
        SetupError: another process holds it, or the directory cannot be written; the line names directory and pid.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (data_dir / LOCK_FILE).open("a+", encoding="utf-8")
    except OSError as error:
        raise SetupError(
            *both("cannot write to the data directory {data_dir}: {error}", data_dir=data_dir, error=error),
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            owner = file.read().strip() or "?"
            raise SetupError(
                *both("already running on {data_dir} (pid {owner})", data_dir=data_dir, owner=owner)
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def this_process(name: str) -> RunningProcess:
    """The process that asks."""
    return RunningProcess(name=name, pid=os.getpid(), created=psutil.Process().create_time())
