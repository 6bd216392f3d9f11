"""A ledger entry as a row, and back, and what streams are called. Knows nothing of what is made from entries."""

from engine.domain.ledger.facts import Entry
from engine.store.hash_chain import Link
from engine.store.tables import LedgerRow

WEBHOOKS = "webhook"
"""Streams of a webhook: made, changed, stepped over, removed, `webhook/ID`."""
DOCUMENTS, CHANGES, ABSENCES, AUTHORITY = "document", "change", "absence", "authority"
"""Streams of what gives authority: `document/KIND`, `change/ID`, `absence/ID`, and since when all of it has facts."""


def webhook_stream(webhook_id: str) -> str:
    """The stream of one webhook."""
    return f"{WEBHOOKS}/{webhook_id}"


def entry_of(row: Link) -> Entry:
    """The entry in a row."""
    return Entry.model_validate_json(row.content)


def row_of(entry: Entry, content: str, link: str) -> LedgerRow:
    """The row of an entry, its content as `canonical` spells it, and the hash it is chained with."""
    return LedgerRow(
        stream=entry.stream,
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        on_behalf_of=entry.on_behalf_of,
        type=entry.data.type,
        command_id=entry.command_id,
        content=content,
        hash=link,
    )
