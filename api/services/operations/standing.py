"""How the installation stands: how many cycles are where, and how far its record goes."""

from collections import Counter
from collections.abc import Mapping

from api.container import Desk


def by_status_and_step(desk: Desk) -> Mapping[tuple[str, str], int]:
    """How many cycles there are, by status and step."""
    return desk.reader.counts()


def by_status(desk: Desk) -> Mapping[str, int]:
    """How many cycles there are, by status."""
    counts: Counter[str] = Counter()
    for (status, _), count in by_status_and_step(desk).items():
        counts[status] += count
    return counts


def position(desk: Desk) -> int:
    """Where the journal ends."""
    return desk.reader.position()
