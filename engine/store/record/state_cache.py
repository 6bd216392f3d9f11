"""What this process has made of a cycle last, so that the next event need not be preceded by reading it again.

A chain's hash stands for all the events before it, and a state is a function of the events. So what was kept under a
hash that the journal still ends with is right, whoever else has written meanwhile.
"""

from threading import Lock

from cachetools import LRUCache

from engine.store.projections.cycles import Projected

MOST = 512
"""Cycles that are kept; the one that was asked for or moved least lately goes."""


class Known:
    """The cycles that moved lately; any thread may ask."""

    def __init__(self, most: int = MOST) -> None:
        self._lock = Lock()
        self._kept: LRUCache[str, tuple[str, Projected]] = LRUCache(most)

    def get(self, cycle_id: str, link: str) -> Projected | None:
        """What was made of the cycle whose chain ends with `link`; None when something else is known, or nothing."""
        with self._lock:
            kept = self._kept.get(cycle_id)
        return kept[1] if kept is not None and kept[0] == link else None

    def keep(self, cycle_id: str, link: str, made: Projected) -> None:
        """Keep it, once it is committed."""
        with self._lock:
            self._kept[cycle_id] = (link, made)
