"""Can the database be read, and can it be written? Really tries, and remembers the answer for a moment."""

import shutil
import time
from pathlib import Path
from threading import Lock
from typing import Literal

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from engine.store.database import reading, writing
from engine.store.faults import DatabaseBusyError, is_full
from engine.store.tables import WriteProbeRow

REMEMBERED = 2.0
"""Seconds for which an answer is good; whoever asks more often gets the last one."""
ROOM = 8_000_000
"""Bytes that must be free beside a SQLite file: its log is written before the file, and both grow."""

Problem = Literal["away", "disk_full", "not_writable"]
"""It does not answer; it has no space left; it answers, but nothing can be written (a lock, read only)."""


class Readiness:
    """Of one database."""

    def __init__(self, engine: Engine, room: int = ROOM) -> None:
        self._engine = engine
        self._room = room
        self._one_by_one = Lock()
        self._found: Problem | None = None
        self._until = 0.0

    def problem(self) -> Problem | None:
        """What is wrong; None when everything can be done. Blocks for as long as the database is patient."""
        with self._one_by_one:
            if time.monotonic() > self._until:
                self._found = self._look()
                self._until = time.monotonic() + REMEMBERED
            return self._found

    def _look(self) -> Problem | None:
        try:
            with reading(self._engine) as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            return "disk_full" if is_full(error) else "away"
        if self._has_no_room():
            return "disk_full"
        try:
            self._write()
        except (SQLAlchemyError, DatabaseBusyError) as error:
            return "disk_full" if is_full(error) else "not_writable"
        return None

    def _write(self) -> None:
        with writing(self._engine) as session:
            row = session.get(WriteProbeRow, 1) or WriteProbeRow(n=1)
            row.tries += 1
            session.add(row)

    def _has_no_room(self) -> bool:
        """A small write may still find room in a log that is there already; the next person's would not."""
        file = self._engine.url.database
        if self._engine.name != "sqlite" or not file:
            return False
        try:
            return shutil.disk_usage(Path(file).parent).free < self._room
        except OSError:
            return False
