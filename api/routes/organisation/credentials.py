"""Tokens: mine, everybody's for an administrator; made, listed and revoked."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, Page, encoded, key_of
from api.http.responses import IdempotencyKey, answer, problems
from api.schemas.cycle import View
from api.schemas.requests import CredentialRequest
from api.services.organisation import credentials as service
from engine.contracts.credentials import Credential
from engine.domain.organisation.organisation import Duty

router = APIRouter(prefix="/credentials", tags=["people"])


class CredentialView(View):
    """A token, without the token itself."""

    id: str
    holder: str = Field(description="the person it acts for, or `service:NAME`")
    name: str
    made_by: str
    made_at: datetime
    expires_at: datetime
    read_only: bool
    rights: list[Duty]
    used_at: datetime | None = Field(description="to the minute")
    revoked_at: datetime | None
    revoked_by: str | None


class NewCredentialView(CredentialView):
    """A token that was just made; this answer alone holds it."""

    token: str


@router.get("", response_model=Page[CredentialView], responses=problems(403), operation_id="listCredentials")
def listed(
    caller: SignedIn,
    desk: AtDesk,
    everybody: Annotated[bool, Query(description="of everybody; administrators only")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The tokens that act for you, the newest first, whether they still count or not."""
    found = service.listed(caller, desk, everybody=everybody, limit=limit + 1, after=key_of(cursor))
    items = [_view(one) for one in found[:limit]]
    following = encoded((items[-1].made_at.isoformat(), items[-1].id)) if len(found) > limit else None
    return answer(Page[CredentialView](items=items, next_cursor=following))


@router.post(
    "", status_code=201, response_model=NewCredentialView, responses=problems(403), operation_id="makeCredential"
)
def make(
    asked: CredentialRequest, caller: SignedIn, desk: AtDesk, idempotency_key: IdempotencyKey = None
) -> Response:
    """A token for yourself; an administrator makes them for others and for programs too. Shown once."""
    made = service.wished(asked, caller, desk, idempotency_key)
    view = NewCredentialView(**_view(made.credential).model_dump(), token=made.token)
    return answer(view, 201, X_Not_Kept="secret", Location=f"/api/v1/credentials/{view.id}")


@router.delete("/{credential}", status_code=204, responses=problems(404), operation_id="revokeCredential")
def revoke(credential: str, caller: SignedIn, desk: AtDesk) -> Response:
    """Ends a token at once: one of yours, or anybody's by an administrator."""
    service.revoke(credential, caller, desk)
    return Response(status_code=204)


def _view(one: Credential) -> CredentialView:
    return CredentialView.model_validate(one.model_dump())
