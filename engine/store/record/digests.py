"""One fingerprint of the whole record as it stood: journal, ledger and documents, each in the order of its positions.

A chain for each cycle shows that nothing inside it was changed; it does not show that its end, or the whole of it, is
still there. A digest over all rows up to a position does, for whoever has kept it elsewhere.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import select as choose
from sqlmodel import SQLModel, func, select

from engine.store.database import reading
from engine.store.hash_chain import lock
from engine.store.tables import DocumentRow, JournalRow, LedgerRow

AT_ONCE = {"journal": 2000, "ledger": 2000, "documents": 5}
"""Rows read at once; a document may be a megabyte."""
PARTS = ("journal", "ledger", "documents")
"""What is sealed."""

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "journal": ("position", "cycle_id", "seq", "hash"),
    "ledger": ("position", "stream", "seq", "hash"),
    "documents": ("number", "kind", "name", "imported_by", "content"),
}

Ends = Mapping[str, int]
"""Up to which position each part was looked at."""
Digests = Mapping[str, str]
"""SHA-256 of each part up to there, as lower-case hex."""


def ends(engine: Engine) -> Ends:
    """Where each part ends now; nobody appends meanwhile, so that no smaller position comes later."""
    keys = (JournalRow.position, LedgerRow.position, DocumentRow.number)
    with reading(engine) as session:
        lock(session)
        found = [session.exec(select(func.max(key))).one() or 0 for key in keys]
    return dict(zip(PARTS, found, strict=True))


def digests(engine: Engine, wanted: Sequence[Ends]) -> list[Digests]:
    """The digests at each of several ends, in one pass over the record and with little memory.

    An end beyond the record gives the digest of all there is, which is another one than that of whoever saw more.
    """
    return digests_of(lambda part: _lines(engine, part), wanted)


def digests_of(lines: Callable[[str], Iterator[tuple[int, str]]], wanted: Sequence[Ends]) -> list[Digests]:
    """Like `digests`, of lines from anywhere: for each part its positions and lines, in order; all are read."""
    found: list[dict[str, str]] = [{} for _ in wanted]
    for part in PARTS:
        order = sorted(range(len(wanted)), key=lambda index: wanted[index][part])
        running, rows = hashlib.sha256(), lines(part)
        held = next(rows, None)
        for index in order:
            while held is not None and held[0] <= wanted[index][part]:
                running.update(held[1].encode())
                held = next(rows, None)
            found[index][part] = running.hexdigest()
        deque(rows, maxlen=0)  # whoever gives the lines looks at each of them
    return list(found)


def line_of(part: str, row: Mapping[str, Any]) -> str:
    """The line of a row; the hashes in it stand for the contents, which `verify` compares."""
    told = [row[name] for name in _COLUMNS[part]]
    if part == "documents":
        told[-1] = hashlib.sha256(str(told[-1]).encode()).hexdigest()
    return " ".join([part, *map(str, told)]) + "\n"


def _lines(engine: Engine, part: str) -> Iterator[tuple[int, str]]:
    """The position and the line of each row."""
    table = SQLModel.metadata.tables["document" if part == "documents" else part]
    names = _COLUMNS[part]
    query = choose(*(table.c[name] for name in names)).order_by(table.c[names[0]])
    with reading(engine) as session:
        for row in session.connection().execute(query, execution_options={"yield_per": AT_ONCE[part]}):
            yield row[0], line_of(part, dict(zip(names, row, strict=True)))
