"""One fingerprint of the whole record as it stood: journal, ledger and documents, each in the order of its positions.

A chain for each cycle shows that nothing inside it was changed; it does not show that its end, or the whole of it, is
still there. A digest over all rows up to a position does, for whoever has kept it elsewhere.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import select as choose
from sqlmodel import SQLModel, func, select

from engine.store.database import reading, writing
from engine.store.hash_chain import lock
from engine.store.tables import DocumentRow, JournalRow, LedgerRow

BATCH = 2000
PARTS = ("journal", "ledger", "documents")
"""What is sealed."""

Ends = Mapping[str, int]
"""Up to which position each part was looked at."""
Digests = Mapping[str, str]
"""SHA-256 of each part up to there, as lower-case hex."""


def ends(engine: Engine) -> Ends:
    """Where each part ends now; nobody appends meanwhile, so that no smaller position comes later."""
    keys = (JournalRow.position, LedgerRow.position, DocumentRow.number)
    with writing(engine) as session:
        lock(session)
        found = [session.exec(select(func.max(key))).one() or 0 for key in keys]
    return dict(zip(PARTS, found, strict=True))


def digests(engine: Engine, wanted: Iterable[Ends]) -> list[Digests]:
    """The digests at each of several ends, in one pass over the record and with little memory.

    An end beyond the record gives the digest of all there is, which is another one than that of whoever saw more.
    """
    asked = list(wanted)
    found: list[dict[str, str]] = [{} for _ in asked]
    for part in PARTS:
        order = sorted(range(len(asked)), key=lambda index: asked[index][part])
        running, rows = hashlib.sha256(), _lines(engine, part)
        held = next(rows, None)
        for index in order:
            while held is not None and held[0] <= asked[index][part]:
                running.update(held[1].encode())
                held = next(rows, None)
            found[index][part] = running.hexdigest()
    return list(found)


def _lines(engine: Engine, part: str) -> Iterator[tuple[int, str]]:
    """The position and the line of each row; the hashes in it stand for the contents, which `verify` compares."""
    with reading(engine) as session:
        for row in session.connection().execute(_query(part), execution_options={"yield_per": BATCH}):
            position, *told = row
            if part == "documents":
                told[-1] = hashlib.sha256(str(told[-1]).encode()).hexdigest()
            yield position, " ".join([part, str(position), *map(str, told)]) + "\n"


def _query(part: str) -> Any:
    table = SQLModel.metadata.tables["document" if part == "documents" else part]
    names: tuple[str, ...]
    match part:
        case "journal":
            names = ("position", "cycle_id", "seq", "hash")
        case "ledger":
            names = ("position", "stream", "seq", "hash")
        case _:
            names = ("number", "kind", "name", "imported_by", "content")
    return choose(*(table.c[name] for name in names)).order_by(table.c[names[0]])
