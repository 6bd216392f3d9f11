"""Answers with what goes around them: revision, caching, the documented problems."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

from fastapi import Header, Request
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from api.auth import Caller
from api.http.problems import Problem
from api.schemas.cycle import CycleView
from engine.domain.cycle.working_copy import CopyMark
from engine.domain.errors import invalid_at

IdempotencyKey = Annotated[
    str | None,
    Header(
        description="makes a repeat safe: same key and body, same answer, nothing done twice",
        json_schema_extra={"pattern": "^[ -~]{1,255}$"},
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        description=(
            '`"<revision>"`, or `"<revision>.<draft>"` as in the ETag while a working copy is kept; 412 if somebody'
            " was faster. Only saving and discarding the working copy compare the second half"
        ),
        json_schema_extra={"pattern": r'^(\*|(W/)?"?[0-9]{1,9}(\.[0-9]{1,9})?"?)$'},
    ),
]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's description of refusals; 401 and 422 are always possible."""
    return {status: refusal(status) | {"model": Problem} for status in (401, *statuses, 422)}


def refusal(status: int) -> dict[str, Any]:
    """OpenAPI's description of one refusal."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    said = {
        400: "the body cannot be read",
        401: "no valid token", 403: "not yours", 404: "not there", 408: "the body stopped half way",
        409: "does not fit what has happened", 412: "somebody was faster", 413: "too large", 415: "JSON is expected",
        422: "wrong fields, each with its pointer", 429: "too often; try again",
        503: "the engine is away; try again",
    }  # fmt: skip
    return {"description": said[status], "content": content}


def answer(model: BaseModel, status: int = 200, **headers: str) -> Response:
    """A model as JSON."""
    return Response(
        model.model_dump_json(by_alias=True),
        status_code=status,
        media_type="application/json",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def cycle_answer(view: CycleView, request: Request, status: int = 200, **headers: str) -> Response:
    """A cycle with its revision, and its working copy's, as ETag; 304 when the reader has it already."""
    etag = f'"{CopyMark(cycle=view.revision, draft=view.draft.revision if view.draft else 0)}"'
    if request.method == "GET" and request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    return answer(view, status, ETag=etag, **headers)


def revision_of(if_match: str | None) -> int | None:
    """The cycle's revision that the caller insists on, whatever is being written.

    Raises:
        DomainError: the header is none of ours.
    """
    mark = mark_of(if_match)
    return mark.cycle if mark is not None else None


def mark_of(if_match: str | None) -> CopyMark | None:
    """What the caller has seen and insists on: the cycle, and the working copy or that there was none.

    Raises:
        DomainError: the header is none of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    mark = CopyMark.read(if_match.strip().removeprefix("W/").strip('"'))
    if mark is None:
        raise invalid_at("?if-match", "bad_if_match")
    return mark


def command_id(caller: Caller, key: str | None) -> str:
    """The id under which the engine decides: made from person and key, so that a repeat is the same command."""
    if key is None:
        return uuid4().hex
    return hashlib.sha256(f"{caller.id}\n{key}".encode()).hexdigest()[:32]


def initiative_id(caller: Caller, key: str | None) -> str:
    """The id of a new initiative; the same key gives the same one, so a start in doubt can be repeated."""
    digest = hashlib.sha256(f"initiative\n{command_id(caller, key)}".encode()).digest()
    return f"i{base64.b32encode(digest).decode().lower()[:10]}"


def saved(content: bytes, name: str, media_type: str, sha256: str) -> Response:
    """A file, always to be saved and never shown by a browser itself."""
    headers = {"Content-Disposition": _disposition(name), "ETag": f'"{sha256}"'}
    return Response(content, media_type=media_type, headers=headers)


def printed(content: bytes, name: str) -> Response:
    """A PDF that a browser shows."""
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)


def csv_file(lines: Iterator[str], name: str) -> Response:
    """Lines of CSV as a file, sent as they come."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _disposition(name: str) -> str:
    """RFC 6266: a plain name for old readers, the real one for the others."""
    plain = "".join(one if one.isascii() and one not in '"\\%' else "_" for one in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
