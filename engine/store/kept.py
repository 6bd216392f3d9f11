"""Keeps a few answers for as long as the journal has not grown."""

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Kept(Generic[Found]):
    """Answers kept for a journal position: once the journal has grown, by whichever process, none of them is used."""

    def __init__(self, most: int) -> None:
        self._lock = Lock()
        self._most = most
        self._position = -1
        self._found: OrderedDict[datetime | None, Found] = OrderedDict()

    def get(self, position: int, at: datetime | None) -> Found | None:
        """What was found at this position, if it is still kept."""
        with self._lock:
            if position != self._position or at not in self._found:
                return None
            self._found.move_to_end(at)
            return self._found[at]

    def keep(self, position: int, at: datetime | None, found: Found) -> None:
        """Keep it; the answer that was asked for least lately goes."""
        with self._lock:
            if position < self._position:
                return
            if position > self._position:
                self._found.clear()
                self._position = position
            self._found[at] = found
            while len(self._found) > self._most:
                self._found.popitem(last=False)
