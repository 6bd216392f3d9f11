"""Accounts of the OpenID provider that stand for a person."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.responses import problems
from api.schemas.cycle import View
from api.services.organisation import accounts as service

router = APIRouter(prefix="/people/{person}/accounts", tags=["people"])


class AccountView(View):
    """An account that signs the person in."""

    issuer: str
    subject: str
    bound_at: datetime


class AccountList(View):
    """All of a person's, the oldest first."""

    items: list[AccountView]


@router.get("", responses=problems(403, 404), operation_id="listAccounts")
def listed(person: str, caller: SignedIn, desk: AtDesk) -> AccountList:
    """Your own, or anybody's for an administrator."""
    return AccountList(
        items=[
            AccountView(issuer=one.issuer, subject=one.subject, bound_at=one.bound_at)
            for one in service.listed(person, caller, desk)
        ]
    )


@router.delete("", status_code=204, responses=problems(403, 404), operation_id="releaseAccounts")
def release(person: str, caller: SignedIn, desk: AtDesk) -> Response:
    """They sign nobody in any more; whoever proves the person's address next is bound anew. Administrators only."""
    service.release(person, caller, desk)
    return Response(status_code=204)
