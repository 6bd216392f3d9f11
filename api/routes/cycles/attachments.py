"""Files beside what a step hands in: append-only while in review."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from pydantic import Field
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Page
from api.http.parameters import Number
from api.http.responses import IdempotencyKey, IfMatch, answer, command_id, problems, revision_of, saved
from api.routes.cycles.cycles import Change
from api.schemas.cycle import CycleView, View
from api.services.cycles import attachments as service
from api.services.cycles.cycles import state_there
from engine.domain.cycle import commands as c
from engine.domain.cycle.attachments import LARGEST, Attachment
from engine.domain.steps import Step

router = APIRouter(tags=["attachments"])


class AttachmentView(View):
    """One file; `handed_in` files are kept for good."""

    n: int
    name: str
    size: int = Field(description="bytes")
    sha256: str
    media_type: str
    step: Step
    by: str
    at: datetime
    handed_in: bool
    removed_at: datetime | None


@router.post(
    "/cycles/{cycle}/attachments",
    status_code=201,
    response_model=AttachmentView,
    responses=problems(403, 404, 409, 412, 413, 503),
    operation_id="attach",
)
async def attach(
    cycle: str,
    file: Annotated[UploadFile, File(description="at most 10 MB")],
    caller: SignedIn,
    desk: AtDesk,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Put a file beside the current step; while in review the deciders may, too."""
    handed = service.Uploaded(file.filename or "", await file.read(LARGEST + 1))
    made, state = await service.attach(
        cycle, handed, caller, desk, command=command_id(caller, idempotency_key), revision=revision_of(if_match)
    )
    place = f"/api/v1/cycles/{cycle}/attachments/{made.n}"
    return answer(_view(made), 201, Location=place, ETag=f'"{state.revision}"')


@router.get(
    "/cycles/{cycle}/attachments",
    response_model=Page[AttachmentView],
    responses=problems(404),
    operation_id="listAttachments",
)
def listed(cycle: str, caller: SignedIn, desk: AtDesk) -> Response:
    """Every file of the cycle, those taken back included."""
    return answer(Page[AttachmentView](items=[_view(one) for one in state_there(cycle, caller, desk).attachments]))


@router.get(
    "/cycles/{cycle}/attachments/{n}",
    responses=problems(404) | {200: {"content": {"application/octet-stream": {}}, "description": "the file"}},
    response_class=Response,
    operation_id="getAttachment",
)
def shown(cycle: str, n: Number, caller: SignedIn, desk: AtDesk) -> Response:
    """The content of one file, always to be saved and never shown by a browser itself."""
    found, content = service.content_of(cycle, n, caller, desk)
    return saved(content, found.name, found.media_type, found.sha256)


@router.delete(
    "/cycles/{cycle}/attachments/{n}",
    response_model=CycleView,
    responses=problems(403, 404, 409, 412, 503),
    operation_id="detach",
)
async def detach(n: Number, change: Change) -> Response:
    """Take your own file back, while the step is a draft; versions that were handed in with it keep it."""
    done = await change(c.Detach(n=n))
    await service.forget(change.cycle, n, change.desk)
    return done


def _view(one: Attachment) -> AttachmentView:
    return AttachmentView.model_validate(one.model_dump())
