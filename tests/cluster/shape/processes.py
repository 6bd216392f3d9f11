"""Named processes, each with its log in a file: started, kept running as a supervisor does, killed, started again."""

import os
import random
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from engine.runtime.ports import is_free

HIGHEST = 32_000
"""Temporal's ports must be below 32,768, where the machine's own begin."""


def low_ports(count: int) -> list[int]:
    """Some that nobody uses at this moment."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(12_000, HIGHEST)
        if port not in found and is_free("127.0.0.1", port):
            found.append(port)
    return found


@dataclass
class Processes:
    """What runs under which name.

    Args:
        logs: the folder of their logs.
    """

    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    commands: dict[str, tuple[Sequence[str], Mapping[str, str]]] = field(default_factory=dict)
    _down: set[str] = field(default_factory=set)
    _ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        threading.Thread(target=self._keep, daemon=True).start()

    def begin(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Starts one under a name."""
        self.commands[name] = (command, environment or {})
        self.again(name)

    def again(self, name: str) -> None:
        """Starts it once more, as it was."""
        command, environment = self.commands[name]
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*command], env=os.environ | environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self._down.discard(name)

    def kill(self, *names: str) -> None:
        """Dead at once, without a word, until it is started again."""
        self._down.update(names)
        for name in names:
            self.running[name].kill()
        for name in names:
            self.running[name].wait(timeout=30)

    def end(self, name: str, within: float = 60) -> int:
        """As an operator stops it; gives the exit code."""
        self._down.add(name)
        self.running[name].send_signal(signal.SIGTERM)
        return self.running[name].wait(timeout=within)

    def said(self, name: str, lines: int = 15) -> str:
        """The end of its log."""
        return "\n".join((self.logs / f"{name}.log").read_text(errors="replace").splitlines()[-lines:])

    def end_all(self) -> None:
        """Whatever still runs."""
        self._ended.set()
        for process in self.running.values():
            with suppress(ProcessLookupError):
                process.kill()
        for process in self.running.values():
            process.wait(timeout=30)

    def _keep(self) -> None:
        """What ends by itself, as ours do when they find no database at their start, is started again in a second."""
        while not self._ended.wait(1):
            for name, process in list(self.running.items()):
                if process.poll() is not None and name not in self._down and not self._ended.is_set():
                    self.again(name)
