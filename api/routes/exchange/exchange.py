"""Files out and in: exports as streams, and initiatives from a table."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from api.auth import Caller, SignedIn
from api.container import AtDesk
from api.http.problems import bad_file
from api.http.responses import IdempotencyKey, answer, problems
from api.routes.exchange import calendar, sheets
from api.services.exchange import exports as service
from api.services.exchange.initiative_import import planner_of, start_all
from engine.domain.cycle.attachments import safe_name
from engine.domain.errors import FieldError, invalid, unprocessable
from engine.domain.roadmap import Pillar
from engine.exchange.errors import FileError
from engine.exchange.export_rows import Wanted
from engine.exchange.initiative_import import Planned, Planner
from engine.language.refusals import sentence

router = APIRouter(tags=["files"])
router.include_router(sheets.router)
router.include_router(calendar.router)
MOST_STARTS = 2_000
"""Initiatives that one request starts; a terminal takes a hundred thousand."""
MOST_SHOWN = 1_000
MOST_ERRORS = 100


class RowProblem(BaseModel):
    """What is wrong with one cell."""

    column: str
    code: str
    message: str


class RowResult(BaseModel):
    """What a row does, or would do."""

    row: int = Field(description="counted from 1 with the heading")
    outcome: str = Field(description="new, exists, differs (there already, saying something else) or wrong")
    initiative_id: str | None
    errors: list[RowProblem] = []


class ImportResult(BaseModel):
    """What became of a file."""

    dry_run: bool
    new: int = Field(description="started; with dry_run, to be started")
    exists: int = Field(description="there already and left alone")
    differs: int = Field(description="of these, those of which the file says something else")
    wrong: int
    items: list[RowResult] = Field(description=f"row by row, at most {MOST_SHOWN:,}")


@router.get(
    "/exports/{what}.{file_format}",
    responses=problems(404) | {200: {"description": "the file", "content": {"application/octet-stream": {}}}},
    response_class=StreamingResponse,
    operation_id="exportFile",
)
def exported(
    what: str,
    file_format: str,
    caller: SignedIn,
    desk: AtDesk,
    fiscal_year: Annotated[int | None, Query(ge=2000, le=2200, description="April to March")] = None,
    pillar: Pillar | None = None,
    org_unit: Annotated[str | None, Query(max_length=64, description="an office and all below it")] = None,
    bom: Annotated[bool, Query(description="CSV that Excel opens right")] = False,
    pseudonyms: Annotated[bool, Query(description="other names for persons; events only")] = False,
) -> Response:
    """Initiatives, cases, effects or events as csv, xlsx or json; events also as xes or ocel. Streamed."""
    wanted = Wanted(fiscal_year=fiscal_year, pillar=pillar, org_unit=org_unit)
    file = service.exported(what, file_format, wanted, caller, desk, bom=bom, pseudonyms=pseudonyms)
    return StreamingResponse(
        file.content,
        media_type=file.media_type,
        headers={"Content-Disposition": f'attachment; filename="{file.name}"'},
    )


@router.post(
    "/imports/initiatives",
    response_model=ImportResult,
    responses=problems(403, 503),
    operation_id="importInitiatives",
)
async def import_initiatives(
    caller: SignedIn,
    desk: AtDesk,
    file: Annotated[UploadFile, File(description="CSV or .xlsx, at most 10 MB; one row starts one initiative")],
    dry_run: Annotated[bool, Query(description="check only")] = False,
    _idempotency_key: IdempotencyKey = None,
) -> Response:
    """Start one initiative a row, all or none; rows whose `id` is there already are left alone.

    A row without `owner` is the caller's; rows of others are an administrator's to start. The same file again finds
    what it has started.
    """
    name = safe_name(file.filename or "")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file{Path(name).suffix.lower()}"
        await asyncio.to_thread(path.write_bytes, await file.read())
        planner = planner_of(caller, desk)
        result, errors = await asyncio.to_thread(_checked, planner, path, name, caller)
        if not dry_run:
            if errors:
                raise invalid(*errors)
            plan, made_by = planner.plan(path, name), caller.by_token_of
            await start_all(plan, desk.gateway.patient(), actor=caller.id, by_token_of=made_by)
    return answer(result.model_copy(update={"dry_run": dry_run}))


def _checked(planner: Planner, path: Path, name: str, caller: Caller) -> tuple[ImportResult, list[FieldError]]:
    counts: dict[str, Any] = {"new": 0, "exists": 0, "differs": 0, "wrong": 0}
    items: list[RowResult] = []
    errors: list[FieldError] = []
    try:
        for one in planner.plan(path, name):
            counts[one.outcome] += 1
            if counts["new"] > MOST_STARTS:  # said at once, not after a hundred thousand rows
                raise unprocessable("too_many_rows", most=str(MOST_STARTS))
            if len(items) < MOST_SHOWN:
                items.append(_row_result(one, caller))
            if len(errors) < MOST_ERRORS:
                errors += [
                    error.model_copy(update={"pointer": f"/rows/{one.row}{error.pointer}"}) for error in one.errors
                ]
    except FileError as error:
        raise bad_file(error) from error
    counts["exists"] += counts["differs"]
    return ImportResult(dry_run=True, items=items, **counts), errors


def _row_result(one: Planned, caller: Caller) -> RowResult:
    errors = [
        RowProblem(
            column=error.pointer[1:], code=error.code, message=sentence(error.code, caller.language, error.params)
        )
        for error in one.errors
    ]
    return RowResult(row=one.row, outcome=one.outcome, initiative_id=one.initiative_id, errors=errors)
