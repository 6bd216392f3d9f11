"""横展開: offering a shared case to other units, and answering."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.auth import Caller, SignedIn
from api.container import AtDesk, Desk
from api.http.paging import Cursor, Limit, Page, encoded, key_of
from api.http.parameters import CodeAsked, IdAsked
from api.http.responses import IdempotencyKey, answer, command_id, problems
from api.schemas.offer import AskedAnswer, AskedOffers, OfferView, offer_view
from api.schemas.requests import AskedReason
from api.services import adoption
from engine.domain.cycle.state import CycleState
from engine.domain.errors import forbidden, not_found
from engine.domain.ledger.facts import Entry, OfferAnswered, OfferMade, OfferWithdrawn, Write, of_command
from engine.domain.organisation.organisation import Duty
from engine.domain.spread import offers as o
from engine.store.record.spread_offers import OfferFilter, grant_of

router = APIRouter(tags=["spread"])
Kind = TypeVar("Kind", OfferMade, OfferAnswered, OfferWithdrawn)


@router.post(
    "/cases/{case}/offers",
    status_code=201,
    response_model=Page[OfferView],
    responses=problems(403, 404, 409),
    operation_id="offerCase",
)
def make(
    case: str, asked: AskedOffers, caller: SignedIn, desk: AtDesk, idempotency_key: IdempotencyKey = None
) -> Response:
    """Offer a shared case to other units, all of them or none."""
    facts, command = caller.facts, command_id(caller, idempotency_key)
    units = o.check_offer(caller.id, _case(case, caller, desk), asked.org_units, facts.organisation, facts.today)
    desk.ledger.append_all([_write(desk, case, unit, asked.message, caller, command) for unit in units])
    return answer(Page[OfferView](items=[_view(desk, o.offer_id(case, unit), caller) for unit in units]), 201)


@router.get("/offers", response_model=Page[OfferView], responses=problems(), operation_id="listOffers")
def listed(
    caller: SignedIn,
    desk: AtDesk,
    org_unit: CodeAsked = None,
    status: o.OfferStatus | None = None,
    case: IdAsked = None,
    waiting_for: Annotated[
        str | None, Query(max_length=64, description="`me` or a person: offers they may answer today")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Offers, the newest first; `waiting_for=me` are those that wait for the caller's answer."""
    units = None
    if waiting_for is not None:
        person = caller.id if waiting_for == "me" else waiting_for
        units = desk.offers.units_waiting_for(person, caller.facts.organisation, caller.facts.today)
        status = status or o.OfferStatus.OFFERED
    wanted = OfferFilter(org_unit=org_unit, status=status, case_id=case, org_units=units)
    found = desk.offers.listed(wanted, limit + 1, caller.clearance, key_of(cursor))
    items = [offer_view(one, caller.facts) for one in found[:limit]]
    last = found[limit - 1].offer if len(found) > limit else None
    following = encoded((last.offered_at.isoformat(), last.offer_id)) if last else None
    return answer(Page[OfferView](items=items, next_cursor=following))


@router.get("/offers/{offer}", response_model=OfferView, responses=problems(404), operation_id="getOffer")
def shown(offer: str, caller: SignedIn, desk: AtDesk) -> Response:
    """One offer."""
    return answer(_view(desk, offer, caller))


@router.post(
    "/offers/{offer}/answer", response_model=OfferView, responses=problems(403, 404, 409), operation_id="answerOffer"
)
async def reply(
    offer: str, asked: AskedAnswer, caller: SignedIn, desk: AtDesk, idempotency_key: IdempotencyKey = None
) -> Response:
    """Answer an offer to your unit; taking it over starts an adopt cycle, later if the engine is away."""
    command = command_id(caller, idempotency_key)
    known = await asyncio.to_thread(_answer, desk, offer, asked, caller, command)
    if known.status.is_taken:
        await adoption.start(desk, known)
    return answer(await asyncio.to_thread(_view, desk, offer, caller))


@router.post(
    "/offers/{offer}/withdraw",
    response_model=OfferView,
    responses=problems(403, 404, 409),
    operation_id="withdrawOffer",
)
def withdraw(
    offer: str,
    caller: SignedIn,
    desk: AtDesk,
    asked: AskedReason | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take an offer back while it is not answered."""
    entries = desk.ledger.entries(o.stream_of(offer))
    known, command = _folded(offer, o.offer_of(entries)), command_id(caller, idempotency_key)
    facts = caller.facts
    may = o.may_offer(caller.id, _case(known.case_id, caller, desk), facts.organisation, facts.today)
    if not may and known.offered_by != caller.id and Duty.ADMIN not in caller.duties:
        raise forbidden("not_the_sharer")
    fact = _before(entries, command, OfferWithdrawn) or o.withdrawn(known, asked.reason if asked else None)
    desk.ledger.append(o.stream_of(offer), known.revision, [fact], actor=caller.id, command_id=command)
    return answer(_view(desk, offer, caller))


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


def _write(desk: Desk, case: str, unit: str, message: str | None, caller: Caller, command: str) -> Write:
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


def _view(desk: Desk, offer: str, caller: Caller) -> OfferView:
    placed = desk.offers.offer(offer)
    if placed is None or not desk.reader.readable([placed.offer.case_id], caller.clearance):
        raise not_found("unknown_offer", offer=offer)
    return offer_view(placed, caller.facts)
