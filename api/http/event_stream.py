"""The journal as it grows, for everybody who listens: one look at the database for all of them."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress

from pydantic import BaseModel, ConfigDict

from engine.store.faults import AWAY
from engine.store.queries.cycles import Reader
from engine.store.tables import JournalRow

HEARTBEAT = 15
"""Seconds between comments that keep proxies from closing a quiet stream."""
PAUSE = 0.5
"""Seconds between looks at the journal."""
KEPT = 2000
"""Latest entries kept in memory; who is further behind reads the database."""
AT_ONCE = 200
Readable = Callable[[frozenset[str]], frozenset[str] | None]
"""Which of some cycles the listener may read now; None when they are not let in any more."""


class StreamEntry(BaseModel):
    """One event as listeners get it."""

    model_config = ConfigDict(frozen=True)

    position: int
    cycle_id: str
    data: str


class Feed:
    """Follows the journal while anybody listens."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._recent: deque[StreamEntry] = deque(maxlen=KEPT)
        self._position = 0
        self._grown = asyncio.Condition()

    async def run(self) -> None:
        """Follows until cancelled; while the database is away nothing grows, and the next look finds the rest."""
        began = False
        while True:
            with suppress(*AWAY):
                if not began:
                    self._position, began = await asyncio.to_thread(self._reader.position), True
                await self._look()
            await asyncio.sleep(PAUSE)

    async def _look(self) -> None:
        more = True
        while more:
            rows = await asyncio.to_thread(self._reader.following, self._position, AT_ONCE)
            more = len(rows) == AT_ONCE
            if not rows:
                return
            entries = _entries(rows)
            async with self._grown:
                self._recent.extend(entries)
                self._position = entries[-1].position
                self._grown.notify_all()

    async def listen(self, after: int | None, readable: Readable) -> AsyncIterator[StreamEntry]:
        """Every entry beyond `after` that the listener may read; None begins with what comes from now on.

        It goes on until `readable`, which is asked anew each time, says that the listener is not let in any more.
        So does a place beyond the journal's end: it is of a journal that was restored from an older backup since.
        """
        end = await asyncio.to_thread(self._reader.position)
        position = end if after is None else min(after, end)
        while True:
            if entries := await self._beyond(position):
                there = await asyncio.to_thread(readable, frozenset(one.cycle_id for one in entries))
                if there is None:
                    return
                for entry in entries:
                    if entry.cycle_id in there:
                        yield entry
                position = entries[-1].position
            async with self._grown:
                while self._position <= position:
                    await self._grown.wait()

    async def _beyond(self, position: int) -> list[StreamEntry]:
        if self._recent and self._recent[0].position <= position + 1:
            return [entry for entry in self._recent if entry.position > position]
        return _entries(await asyncio.to_thread(self._reader.following, position, AT_ONCE))


def _entries(rows: Iterable[JournalRow]) -> list[StreamEntry]:
    return [
        StreamEntry(
            position=row.position or 0,
            cycle_id=row.cycle_id,
            data=json.dumps(
                {
                    "cycle_id": row.cycle_id,
                    "seq": row.seq,
                    "revision": row.seq,
                    "type": row.type,
                    "actor": row.actor,
                    "at": row.at.isoformat(),
                },
                ensure_ascii=False,
            ),
        )
        for row in rows
    ]
