"""Keeps the parts of the embedded whole running: starts them, restarts what dies, stops them in order.

A part is any program with a way to ask whether it answers; the supervisor must not know what the parts are for.
"""

import asyncio
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import structlog

from engine.language.catalogues import both
from engine.runtime.embedded import launch
from engine.runtime.problems import SetupError
from engine.runtime.runfile import RunningProcess

_log = structlog.stdlib.get_logger("spiral.supervisor")
_LARGEST_LOG = 10_000_000
"""Bytes. A longer log is put aside as `.1` when its part starts; the one before is dropped."""
_LAST_WORDS = 1.0
"""Seconds that whatever runs beside the parts gets to end when it is told to."""


@dataclass(frozen=True)
class ProcessPart:
    """One process of the whole.

    Attributes:
        name: what people call it; also its log file's name.
        command: the program's absolute path and its arguments.
        answers: whether the process of that pid is at work.
        environment: added to ours.
        patience: seconds until it must answer for the first time.
        grace: seconds between asking it to stop and killing it.
    """

    name: str
    command: tuple[str, ...]
    answers: Callable[[int], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: float = 60.0
    grace: float = 3.0


@dataclass(frozen=True)
class Restarts:
    """How often a part may die before the whole gives up: more than `limit` times within `window` seconds."""

    limit: int = 5
    window: float = 60.0
    first_pause: float = 0.2
    longest_pause: float = 5.0

    def pause(self, deaths: int) -> float:
        """Seconds to wait before the next start; doubles with every recent death."""
        return min(self.first_pause * 2.0 ** (deaths - 1), self.longest_pause)


class Supervisor:
    """Runs the parts until it is asked to stop or one of them cannot be kept alive.

    Args:
        parts: in the order they depend on each other; they stop in the reverse order.
        log_dir: where their output goes, one file each.
        on_change: told of the processes that run now, whenever one is started.
        restarts: how much dying is too much.
    """

    def __init__(
        self,
        parts: Sequence[ProcessPart],
        log_dir: Path,
        on_change: Callable[[Sequence[RunningProcess]], None] = lambda _: None,
        restarts: Restarts | None = None,
    ) -> None:
        self._parts = tuple(parts)
        self._log_dir = log_dir
        self._on_change = on_change
        self._restarts = restarts or Restarts()
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._stopping = asyncio.Event()
        self._at_once = False

    def stop(self) -> None:
        """Ask for the end; `run` returns when all has stopped. Asked again, it ends at once.

        Safe from a signal handler. Ending at once loses nothing: what was answered is on disk.
        """
        if self._stopping.is_set():
            self._at_once = True
            for process in self._processes.values():
                _signal(process, signal.SIGKILL)
        self._stopping.set()

    async def run(self, when_ready: Callable[[], Awaitable[None]]) -> None:
        """Start everything, call `when_ready` once all parts answer, and stay until `stop`.

        Raises:
            SetupError: a part died too often or never answered; the line names it and the end of its log.
        """
        self._log_dir.mkdir(parents=True, exist_ok=True)
        keepers = [asyncio.create_task(self._keep(part)) for part in self._parts]
        stopping = asyncio.create_task(self._stopping.wait())
        story = asyncio.create_task(self._story(when_ready))
        try:
            done, _ = await asyncio.wait([*keepers, stopping, story], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopping}:
                await task
        finally:
            self._stopping.set()
            await _give_up(story)
            await self._stop_all()
            await asyncio.gather(*keepers, stopping, return_exceptions=True)

    async def _story(self, when_ready: Callable[[], Awaitable[None]]) -> None:
        await asyncio.gather(*(self._until_it_answers(part) for part in self._parts))
        await when_ready()
        await self._stopping.wait()

    async def _until_it_answers(self, part: ProcessPart) -> None:
        deadline = time.monotonic() + part.patience
        while time.monotonic() < deadline:
            process = self._processes.get(part.name)
            if process is not None and process.returncode is None and await part.answers(process.pid):
                return
            await asyncio.sleep(0.1)
        raise SetupError(
            *both(
                "{name} did not answer within {patience:.0f} s: {last_words} ({log_path})",
                name=part.name,
                patience=part.patience,
                last_words=self._last_words(part),
                log_path=self._log_path(part),
            ),
        )

    async def _keep(self, part: ProcessPart) -> None:
        deaths: deque[float] = deque()
        while not self._stopping.is_set():
            process = await self._spawn(part)
            if self._stopping.is_set():  # asked to stop while this one was starting: nobody else knows of it
                await self._end(part, process)
            code = await process.wait()
            if self._stopping.is_set():
                return
            now = time.monotonic()
            deaths.append(now)
            while deaths[0] < now - self._restarts.window:
                deaths.popleft()
            if len(deaths) > self._restarts.limit:
                raise SetupError(
                    *both(
                        "{name} keeps dying (exit {code}): {last_words} ({log_path})",
                        name=part.name,
                        code=code,
                        last_words=self._last_words(part),
                        log_path=self._log_path(part),
                    ),
                )
            _log.warning("part died; starting it again", part=part.name, exit=code, last=self._last_words(part))
            await self._pause(self._restarts.pause(len(deaths)))

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _spawn(self, part: ProcessPart) -> asyncio.subprocess.Process:
        with open_log(self._log_path(part)) as log:
            process = await start_process(part.command, part.environment, out=log, errors=log)
        self._processes[part.name] = process
        self._tell()
        return process

    def _tell(self) -> None:
        alive = ((name, p.pid) for name, p in self._processes.items() if p.returncode is None)
        self._on_change([running for name, pid in alive if (running := RunningProcess.of(name, pid))])

    async def _stop_all(self) -> None:
        for part in reversed(self._parts):
            if (process := self._processes.get(part.name)) is not None:
                await self._end(part, process)

    async def _end(self, part: ProcessPart, process: asyncio.subprocess.Process) -> None:
        """Asks the process to stop and waits for its grace, then kills it."""
        _signal(process, signal.SIGKILL if self._at_once else signal.SIGTERM)
        try:
            async with asyncio.timeout(part.grace):
                await process.wait()
        except TimeoutError:
            _log.warning("part did not stop in time; killed", part=part.name, grace=part.grace)
            _signal(process, signal.SIGKILL)
            await process.wait()

    def _log_path(self, part: ProcessPart) -> Path:
        return self._log_dir / f"{part.name}.log"

    def _last_words(self, part: ProcessPart) -> str:
        """The last line of its log that says something."""
        try:
            text = self._log_path(part).read_bytes()[-4000:].decode("utf-8", errors="replace")
        except OSError:
            return "-"
        return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "-")


async def start_process(
    command: Sequence[str], environment: Mapping[str, str], *, out: BinaryIO | None, errors: BinaryIO | None
) -> asyncio.subprocess.Process:
    """Starts a program that cannot outlive this process; `environment` is added to ours, `None` shares our output."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), *command,
        stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=errors, env={**os.environ, **environment},
        start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops the parts in order
    )  # fmt: skip


def open_log(path: Path) -> BinaryIO:
    """A log to go on with; one that has grown too long is put aside first."""
    if path.exists() and path.stat().st_size > _LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)


async def _give_up(story: asyncio.Task[None]) -> None:
    """Ends what runs beside the parts; one that does not take its cancellation is not waited for."""
    story.cancel()
    _, left = await asyncio.wait([story], timeout=_LAST_WORDS)
    if left:
        _log.warning("what ran beside the parts did not end; left behind")
