"""The adoption ledger: who copied what, how fast, and with what effect."""

from fastapi import APIRouter
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit
from api.http.responses import answer, problems
from api.schemas.adoption import AdoptionsView
from api.services.spread import adoption_ledger as service

router = APIRouter(tags=["spread"])


@router.get("/adoptions", response_model=AdoptionsView, responses=problems(), operation_id="listAdoptions")
def listed(caller: SignedIn, desk: AtDesk, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Every offer with what became of it, and every case that was taken over unasked; the newest first."""
    return answer(service.listed(caller, desk, limit=limit, cursor=cursor))


@router.get(
    "/cases/{case}/adoptions", response_model=AdoptionsView, responses=problems(404), operation_id="getAdoptions"
)
def shown(case: str, caller: SignedIn, desk: AtDesk) -> Response:
    """Who copied this case, and who copied the copies (`depth` above 1)."""
    return answer(service.of_case(case, caller, desk))
