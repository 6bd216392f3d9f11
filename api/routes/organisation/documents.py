"""Documents put in force over HTTP, and changes of who decides that wait for a second one."""

import asyncio
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.problems import bad_file
from api.http.responses import IdempotencyKey, answer, problems
from api.schemas.cycle import View
from api.services.organisation import documents as service
from engine.contracts.documents import SeenChange
from engine.domain.administration.changes import DocumentStanding
from engine.domain.administration.deciders import DeciderChange
from engine.domain.cycle.attachments import safe_name
from engine.domain.ledger.facts import ChangeOutcome
from engine.exchange.errors import FileError

router = APIRouter(tags=["documents"])
WAITS, MADE, LOOKED = 202, 201, 200


class ChangeView(View):
    """A document that changes who decides: while `outcome` is null it waits."""

    id: str
    kind: Literal["organisation", "policy"]
    name: str
    proposed_by: str
    proposed_at: datetime
    takes_effect: date = Field(description="the day on which it takes effect by itself")
    outcome: ChangeOutcome | None
    closed_by: str | None = Field(description="who agreed or withdrew; `system` when its day came")
    closed_at: datetime | None
    reason: str | None
    number: int | None = Field(description="of the document that came of it")
    changes: list[DeciderChange] = Field(description="where who decides becomes another, as long as it waits")


class ChangeList(View):
    """Those that wait, then the last that are over."""

    items: list[ChangeView]


class DocumentAnswer(View):
    """What became of a file: the document in force, or the change that waits."""

    standing: DocumentStanding
    number: int | None
    change: ChangeView | None
    changes: list[DeciderChange] = Field(description="where who decides becomes another")


class AskedWithdrawal(BaseModel):
    """Why a change is not to be made."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(default=None, max_length=service.LONGEST_REASON)


@router.post(
    "/documents/{kind}",
    status_code=MADE,
    response_model=DocumentAnswer,
    responses=problems(403, 409) | {WAITS: {"model": DocumentAnswer, "description": "it waits for a second one"}},
    operation_id="putDocument",
)
async def put(
    kind: Literal["organisation", "roadmap", "policy"],
    caller: SignedIn,
    desk: AtDesk,
    file: Annotated[UploadFile, File(description="an .xlsx or YAML file, at most 10 MB")],
    emergency: Annotated[
        str | None, Form(max_length=service.LONGEST_REASON, description="why what changes who decides cannot wait")
    ] = None,
    dry_run: Annotated[bool, Query(description="check only")] = False,
    _idempotency_key: IdempotencyKey = None,
) -> Response:
    """Put an organisation, roadmap edition or policy in force; administrators only.

    What changes who decides waits until a second one agrees or the next day comes (202), unless it is an emergency.
    """
    content = await file.read(service.LARGEST + 1)
    try:
        handed = service.UploadedDocument(kind, safe_name(file.filename or ""), content, emergency)
        found = await asyncio.to_thread(service.hand_in, handed, caller, desk, check=dry_run)
    except FileError as error:
        raise bad_file(error) from error
    change = _view(SeenChange(found.change, found.changes)) if found.change is not None else None
    shown = DocumentAnswer(standing=found.standing, number=found.number, change=change, changes=list(found.changes))
    return answer(shown, LOOKED if dry_run else WAITS if change is not None else MADE)


@router.get("/changes", responses=problems(), operation_id="listChanges")
def listed(caller: SignedIn, desk: AtDesk) -> ChangeList:
    """Changes of who decides that wait, and the last that are over: those that the caller may see."""
    return ChangeList(items=[_view(one) for one in service.changes(caller, desk)])


@router.get("/changes/{change}", responses=problems(404), operation_id="getChange")
def shown(change: str, caller: SignedIn, desk: AtDesk) -> ChangeView:
    """One of them."""
    return _view(service.change(change, caller, desk))


@router.post("/changes/{change}/agree", responses=problems(403, 404, 409), operation_id="agreeToChange")
def agree(change: str, caller: SignedIn, desk: AtDesk, _idempotency_key: IdempotencyKey = None) -> ChangeView:
    """A second administrator, or whoever holds the post that the policy names, agrees: it is in force."""
    return _view(service.agree(change, caller, desk))


@router.post("/changes/{change}/withdraw", responses=problems(403, 404, 409), operation_id="withdrawChange")
def withdraw(
    change: str,
    asked: AskedWithdrawal,
    caller: SignedIn,
    desk: AtDesk,
    _idempotency_key: IdempotencyKey = None,
) -> ChangeView:
    """Whoever proposed it, or could agree to it, says that it is not made."""
    return _view(service.withdraw(change, asked.reason, caller, desk))


def _view(seen: SeenChange) -> ChangeView:
    given = seen.change.model_dump(exclude={"change_id", "sha256", "base"})
    return ChangeView.model_validate({"id": seen.change.change_id, **given, "changes": seen.changes})
