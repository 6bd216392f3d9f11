"""横展開: offering a shared case to other units, and answering."""

import asyncio
from collections.abc import Sequence
from typing import TypeVar

from api.auth import Caller
from api.container import Desk
from api.http.paging import Page, encoded, key_of
from api.http.responses import command_id
from api.schemas.offer import AskedAnswer, AskedOffers, OfferView, offer_view
from api.services.spread import adoption
from engine.contracts.lists import OfferFilter
from engine.domain.cycle.state import CycleState
from engine.domain.errors import forbidden, not_found
from engine.domain.ledger.facts import Entry, OfferAnswered, OfferMade, OfferWithdrawn, Write, of_command
from engine.domain.organisation.organisation import Duty
from engine.domain.spread import offers as o
from engine.store.record.spread_offers import grant_of

Kind = TypeVar("Kind", OfferMade, OfferAnswered, OfferWithdrawn)


def make(case: str, asked: AskedOffers, caller: Caller, desk: Desk, key: str | None) -> list[OfferView]:
    """Offer a shared case to other units, all of them or none."""
    facts, command = caller.facts, command_id(caller, key)
    units = o.check_offer(caller.id, _case(case, caller, desk), asked.org_units, facts.organisation, facts.today)
    desk.ledger.append_all([_write(desk, case, unit, asked.message, caller, command) for unit in units])
    return [shown(o.offer_id(case, unit), caller, desk) for unit in units]


def may_make(case: str, caller: Caller, desk: Desk) -> bool:
    """Whether the caller may offer the case to other units; not where it is not there for them."""
    state, facts = desk.reader.state(case, caller.clearance), caller.facts
    return state is not None and o.may_offer(caller.id, state, facts.organisation, facts.today)


def listed(  # noqa: PLR0913 - a page of a list
    caller: Caller,
    desk: Desk,
    wanted: OfferFilter,
    *,
    limit: int,
    cursor: str | None = None,
    waiting_for: str | None = None,
) -> Page[OfferView]:
    """Offers, the newest first; with `waiting_for`, `me` or a person, those that wait for their answer."""
    if waiting_for is not None:
        person = caller.id if waiting_for == "me" else waiting_for
        units = desk.offers.units_waiting_for(person, caller.facts.organisation, caller.facts.today)
        waits = {"status": wanted.status or o.OfferStatus.OFFERED, "org_units": units}
        wanted = wanted.model_copy(update=waits)
    found = desk.offers.listed(wanted, limit + 1, caller.clearance, key_of(cursor))
    items = [offer_view(one, caller.facts) for one in found[:limit]]
    last = found[limit - 1].offer if len(found) > limit else None
    following = encoded((last.offered_at.isoformat(), last.offer_id)) if last else None
    return Page[OfferView](items=items, next_cursor=following)


def shown(offer: str, caller: Caller, desk: Desk) -> OfferView:
    """One offer.

    Raises:
        DomainError: `unknown_offer`.
    """
    placed = desk.offers.offer(offer)
    if placed is None or not desk.reader.readable([placed.offer.case_id], caller.clearance):
        raise not_found("unknown_offer", offer=offer)
    return offer_view(placed, caller.facts)


async def reply(offer: str, asked: AskedAnswer, caller: Caller, desk: Desk, key: str | None) -> OfferView:
    """Answer an offer to your unit; taking it over starts an adopt cycle, later if the engine is away."""
    command = command_id(caller, key)
    known = await asyncio.to_thread(_answer, desk, offer, asked, caller, command)
    if known.status.is_taken:
        await adoption.start(desk, known)
    return await asyncio.to_thread(shown, offer, caller, desk)


def withdraw(offer: str, reason: str | None, caller: Caller, desk: Desk, key: str | None = None) -> OfferView:
    """Take an offer back while it is not answered."""
    entries = desk.ledger.entries(o.stream_of(offer))
    known, command = _folded(offer, o.offer_of(entries)), command_id(caller, key)
    facts = caller.facts
    may = o.may_offer(caller.id, _case(known.case_id, caller, desk), facts.organisation, facts.today)
    if not may and known.offered_by != caller.id and Duty.ADMIN not in caller.duties:
        raise forbidden("not_the_sharer")
    fact = _before(entries, command, OfferWithdrawn) or o.withdrawn(known, reason)
    desk.ledger.append(o.stream_of(offer), known.revision, [fact], actor=caller.id, command_id=command)
    return shown(offer, caller, desk)


def _answer(desk: Desk, offer: str, asked: AskedAnswer, caller: Caller, command: str) -> o.Offer:
    """The offer after the answer is in the ledger."""
    stream, facts = o.stream_of(offer), caller.facts
    entries = desk.ledger.entries(stream)
    known = _folded(offer, o.offer_of(entries))
    grant = grant_of(caller.id, known.org_unit, facts.organisation, facts.today)
    fact = _before(entries, command, OfferAnswered) or o.answered(
        known, grant, asked.answer, asked.reason, asked.owner, facts.organisation, facts.today
    )
    desk.ledger.append(
        stream,
        known.revision,
        [fact],
        actor=caller.id,
        command_id=command,
        on_behalf_of=grant.on_behalf_of if grant else None,
    )
    return _folded(offer, o.offer_of(desk.ledger.entries(stream)))


def _write(  # noqa: PLR0913, PLR0917 - what is offered, to whom, by whom
    desk: Desk, case: str, unit: str, message: str | None, caller: Caller, command: str
) -> Write:
    stream = o.stream_of(o.offer_id(case, unit))
    entries = desk.ledger.entries(stream)
    fact = _before(entries, command, OfferMade) or o.made(o.offer_of(entries), case, unit, message)
    return Write(stream=stream, after=len(entries), facts=(fact,), actor=caller.id, command_id=command)


def _before(entries: Sequence[Entry], command: str, kind: type[Kind]) -> Kind | None:
    """What the same command has written before."""
    return next((entry.data for entry in of_command(entries, command) if isinstance(entry.data, kind)), None)


def _case(case: str, caller: Caller, desk: Desk) -> CycleState:
    state = desk.reader.state(case, caller.clearance)
    if state is None:
        raise not_found("unknown_case", case=case)
    return state


def _folded(name: str, offer: o.Offer | None) -> o.Offer:
    if offer is None:
        raise not_found("unknown_offer", offer=name)
    return offer
