"""Notices about offers: they land in the outbox in the transaction that writes the offer's fact to the ledger."""

from collections.abc import Iterable, Sequence

import structlog
from sqlmodel import Session

from engine.domain.calendar import local_date
from engine.domain.ledger.facts import Entry, kind_of
from engine.domain.spread.offer_notices import offer_notices
from engine.domain.spread.offers import KIND, offer_of
from engine.store.directory.directory import Directory
from engine.store.notice_rows import add, notice_row
from engine.store.tables import CycleRow
from engine.store.tables_outgoing import NoticeRow

log = structlog.get_logger(__name__)


def queue(session: Session, directory: Directory, known: Sequence[Entry], new: Sequence[Entry]) -> None:
    """Queues what `new`, which follow on `known` in one stream, are worth telling.

    A notice is never a reason to keep a fact out of the ledger: what cannot be worked out is logged and left.
    """
    if not new or kind_of(new[0].stream) != KIND:
        return
    try:
        rows = list(_rows(session, directory, known, new))
    except Exception:
        log.exception("offer notices not worked out", stream=new[0].stream)
        return
    add(session, rows)


def _rows(
    session: Session, directory: Directory, known: Sequence[Entry], new: Sequence[Entry]
) -> Iterable[NoticeRow]:
    facts = directory.facts(session)
    for number, entry in enumerate(new, start=1):
        offer = offer_of((*known, *new[:number]))
        if offer is None:
            continue
        case = session.get(CycleRow, offer.case_id)
        on = local_date(entry.at, facts.policy.utc_offset_minutes)
        title = case.title if case else offer.case_id
        for notice in offer_notices(entry, offer, title, facts.organisation, on):
            yield notice_row(notice, f"{entry.stream}/{entry.seq}", entry.at, offer.case_id)
