"""Reads journal and ledger whole: plain rows in order of their names, some whole cycles or streams at a time.

No objects of the session, so that whoever goes through the rows may empty it. Must not know what they amount to.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Protocol

from sqlalchemy import Column, Table, select, type_coerce
from sqlalchemy.types import NullType
from sqlmodel import Session

from engine.store.hash_chain import Link

BATCH = 1000
"""Rows read at once, so that memory does not grow with the record; one cycle or stream is never parted."""


class Chained(Link, Protocol):
    """A row of journal or ledger; `at` is as the driver gives it, because SQLite takes anything for an instant."""

    at: object
    actor: str
    on_behalf_of: str | None
    type: str
    command_id: str | None


Named = tuple[str, Sequence[Chained]]


def batches(session: Session, table: Table, key: Column[str]) -> Iterator[list[Named]]:
    """Every name in the column `key` of journal or ledger, with its rows in order."""
    columns = [type_coerce(one, NullType()).label(one.name) if one.name == "at" else one for one in table.columns]
    rows = session.connection().execute(
        select(*columns).order_by(key, table.c.seq), execution_options={"yield_per": BATCH}
    )
    place = list(table.columns).index(key)
    batch: list[Named] = []
    size = 0
    for name, group in groupby(rows, key=lambda row: row[place]):
        its = list(group)
        batch.append((name, its))
        size += len(its)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def instant(value: object) -> object:
    """What stands in a column of instants, as an aware one where it is one."""
    if not isinstance(value, str):
        return value
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
