"""What the workflow sees of sealing: marks on payloads. The keys and the cipher are `engine.runtime.sealing`'s.

A payload that cannot be opened arrives as `UNREADABLE`, never as an exception: an exception while a message is
decoded would fail the workflow task again and again, and one stray signal would stop a cycle for ever.
"""

from dataclasses import dataclass

from temporalio.api.common.v1 import Payload

UNREADABLE = b"spiral/unreadable"
"""The encoding of the payload that is handed on instead of one that cannot be opened."""
WHY = "why"
PLAIN = "spiral-plain"
"""Metadata put on a payload that came plain where plain is still allowed. Inside a seal it cannot stand."""


@dataclass(frozen=True)
class Unreadable:
    """Stands where a value was expected whose payload could not be opened. `why`: plain, key, seal or damaged."""

    why: str


def unreadable(why: str) -> Payload:
    """The payload that says so."""
    return Payload(metadata={"encoding": UNREADABLE, WHY: why.encode()})


def why_not(payload: Payload, *, sealed: bool) -> str | None:
    """Why a run must not act on a payload; None when it may.

    Args:
        payload: as the codec handed it on.
        sealed: whether the run began sealed, so that it takes nothing plain.
    """
    if payload.metadata.get("encoding") == UNREADABLE:
        return payload.metadata.get(WHY, b"").decode()
    return "plain" if sealed and PLAIN in payload.metadata else None
