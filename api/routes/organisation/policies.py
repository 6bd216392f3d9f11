"""決裁規程: the approval policies that were put in force, for reading."""

from fastapi import APIRouter
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Page
from api.http.parameters import Number
from api.http.responses import answer, problems
from api.schemas.policy import PolicyLine, PolicyWhole
from api.services.organisation import policies as service

router = APIRouter(tags=["policies"])


@router.get("/policies", response_model=Page[PolicyLine], responses=problems(), operation_id="listPolicies")
def listed(_caller: SignedIn, desk: AtDesk) -> Response:
    """Every policy, the newest first."""
    return answer(Page[PolicyLine](items=service.lines(desk)))


@router.get("/policies/{number}", response_model=PolicyWhole, responses=problems(404), operation_id="getPolicy")
def shown(number: Number, _caller: SignedIn, desk: AtDesk) -> Response:
    """One policy with everything it says."""
    return answer(service.whole(number, desk))
