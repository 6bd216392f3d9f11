"""横展開: offering a shared case to other units, and answering."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, Page
from api.http.parameters import CodeAsked, IdAsked
from api.http.responses import IdempotencyKey, answer, problems
from api.schemas.offer import AskedAnswer, AskedOffers, OfferView
from api.schemas.requests import AskedReason
from api.services.spread import offers as service
from engine.contracts.lists import OfferFilter
from engine.domain.spread import offers as o

router = APIRouter(tags=["spread"])


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
    return answer(Page[OfferView](items=service.make(case, asked, caller, desk, idempotency_key)), 201)


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
    wanted = OfferFilter(org_unit=org_unit, status=status, case_id=case)
    return answer(service.listed(caller, desk, wanted, limit=limit, cursor=cursor, waiting_for=waiting_for))


@router.get("/offers/{offer}", response_model=OfferView, responses=problems(404), operation_id="getOffer")
def shown(offer: str, caller: SignedIn, desk: AtDesk) -> Response:
    """One offer."""
    return answer(service.shown(offer, caller, desk))


@router.post(
    "/offers/{offer}/answer", response_model=OfferView, responses=problems(403, 404, 409), operation_id="answerOffer"
)
async def reply(
    offer: str, asked: AskedAnswer, caller: SignedIn, desk: AtDesk, idempotency_key: IdempotencyKey = None
) -> Response:
    """Answer an offer to your unit; taking it over starts an adopt cycle, later if the engine is away."""
    return answer(await service.reply(offer, asked, caller, desk, idempotency_key))


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
    return answer(service.withdraw(offer, asked.reason if asked else None, caller, desk, idempotency_key))
