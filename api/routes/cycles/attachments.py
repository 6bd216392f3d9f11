"""Files beside what a step hands in: append-only while in review."""

import asyncio
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, UploadFile
from pydantic import Field
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Page
from api.http.parameters import Number
from api.http.responses import IdempotencyKey, IfMatch, answer, command_id, problems, revision_of
from api.routes.cycles.cycles import Change
from api.schemas.cycle import CycleView, View
from api.services.cycles import state_there
from api.services.freshness import shown_at
from engine.domain.cycle import commands as c
from engine.domain.cycle.attachments import LARGEST, Attachment, media_type_of
from engine.domain.errors import DomainError, invalid_at, not_found
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
    await asyncio.to_thread(state_there, cycle, caller, desk)
    content, name = await file.read(LARGEST + 1), file.filename or ""
    if not 0 < len(content) <= LARGEST:
        raise invalid_at("/file", "out_of_range", limit=f"1–{LARGEST}")
    blobs = desk.directory.blobs
    sha256 = await asyncio.to_thread(blobs.put, content)
    kind = media_type_of(content, name)
    command = c.Command(
        id=command_id(caller, idempotency_key),
        actor=caller.id,
        by_token_of=caller.by_token_of,
        if_revision=revision_of(if_match),
        body=c.Attach(name=name, size=len(content), sha256=sha256, media_type=kind),
    )

    async def attached() -> c.Receipt:
        try:
            receipt = await desk.gateway.command(cycle, command)
        except DomainError:
            await asyncio.to_thread(blobs.forget, sha256)
            raise
        await asyncio.to_thread(blobs.put, content)  # another upload of the same may have been refused meanwhile
        return receipt

    state = await shown_at(
        attached(), lambda: desk.directory.state(cycle), lambda one: one.revision, desk.settings.database_patience
    )
    mine = [one for one in state.attachments if one.sha256 == sha256 and one.by == caller.id]
    place = f"/api/v1/cycles/{cycle}/attachments/{mine[-1].n}"
    return answer(_view(mine[-1]), 201, Location=place, ETag=f'"{state.revision}"')


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
    found = next((one for one in state_there(cycle, caller, desk).attachments if one.n == n and one.held), None)
    content = desk.directory.blobs.get(found.sha256) if found is not None else None
    if found is None or content is None:
        raise not_found("unknown_attachment", n=str(n))
    headers = {"Content-Disposition": _disposition(found.name), "ETag": f'"{found.sha256}"'}
    return Response(content, media_type=found.media_type, headers=headers)


@router.delete(
    "/cycles/{cycle}/attachments/{n}",
    response_model=CycleView,
    responses=problems(403, 404, 409, 412, 503),
    operation_id="detach",
)
async def detach(n: Number, change: Change) -> Response:
    """Take your own file back, while the step is a draft; versions that were handed in with it keep it."""
    done = await change(c.Detach(n=n))
    state = await asyncio.to_thread(change.desk.directory.state, change.cycle)
    for taken in (one for one in (state.attachments if state else ()) if one.n == n):
        await asyncio.to_thread(change.desk.directory.blobs.forget, taken.sha256)
    return done


def _view(one: Attachment) -> AttachmentView:
    return AttachmentView.model_validate(one.model_dump())


def _disposition(name: str) -> str:
    """RFC 6266: a plain name for old readers, the real one for the others."""
    plain = "".join(one if one.isascii() and one not in '"\\%' else "_" for one in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
