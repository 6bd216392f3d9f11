"""Lifts what an earlier release wrote to today's shape, before it is read as an event or as a fact of the ledger.

The one place where an old version goes (docs/adr/0040). It holds wherever events are read: rows of the journal and
the ledger, backups, payloads of workflows. What is stored stays as it is, and so do the hashes over it.

A version 2 takes three steps: its class says `version: Literal[2] = 2`; a line here lifts version 1 to it; the copies
of version 1 in `tests/domain/golden` stay, and version 2 gets its own. Must not know an event's class.
"""

import json
from collections.abc import Callable
from typing import Any

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Gives the content of the next version; gets the JSON of the one before, which it leaves as it is."""

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""By type and the version that is lifted, `("commented", 1)`; each lifts to the version after it."""


def lifted(data: object) -> object:
    """The content of an event or fact in today's shape; anything but plain JSON is given back as it is.

    Raises:
        ValueError: an upcaster made something else than the next version of the same type.
    """
    if not UPCASTERS or not isinstance(data, dict):
        return data
    kind, version = str(data.get("type")), data.get("version", 1)
    while (upcaster := UPCASTERS.get((kind, version))) is not None:
        data = upcaster(dict(data)) | {"version": version + 1}
        if data["type"] != kind:  # tables, webhooks and people ask for events by type
            raise ValueError(f"{kind} {version} was lifted to another type, {data['type']}")
        version += 1
    return data


def told(content: str) -> dict[str, Any]:
    """What a row of the journal says, as plain JSON; whatever release wrote it, its `data` has today's shape."""
    event: dict[str, Any] = json.loads(content)
    return event | {"data": lifted(event["data"])}
