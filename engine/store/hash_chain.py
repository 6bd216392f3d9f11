"""What journal and ledger have in common: one spelling, one SHA-256 chain for each cycle or stream, one lock."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Protocol

from pydantic import BaseModel
from sqlalchemy import text
from sqlmodel import Session

GENESIS = "0" * 64
"""What the first event of a cycle, or the first fact of a stream, is chained to."""
APPEND_LOCK = 0x5350_4952
"""PostgreSQL advisory lock: appends commit in the order of their positions, so a reader that follows misses none."""


class Link(Protocol):
    """A row that is chained."""

    seq: int
    content: str
    hash: str


def canonical(model: BaseModel) -> str:
    """The one spelling that is stored and hashed: JSON, sorted keys, no blanks, UTF-8."""
    return json.dumps(
        model.model_dump(mode="json", by_alias=True), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def chained(previous: str, content: str) -> str:
    """The hash of what follows on `previous`: SHA-256 over both, as lower-case hex."""
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()


def lock(session: Session) -> None:
    """Waits until no other append is under way; SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": APPEND_LOCK})


def break_in(rows: Iterable[Link]) -> tuple[str, int] | None:
    """The first place where a whole chain is broken: `event_missing` or `chain_broken`, and the seq."""
    previous = GENESIS
    for expected, row in enumerate(rows, start=1):
        if row.seq != expected:
            return "event_missing", expected
        if row.hash != chained(previous, row.content):
            return "chain_broken", row.seq
        previous = row.hash
    return None


def hashes(previous: str, contents: Sequence[str]) -> list[str]:
    """The hashes of several contents that follow on `previous`."""
    found: list[str] = []
    for content in contents:
        previous = chained(previous, content)
        found.append(previous)
    return found
