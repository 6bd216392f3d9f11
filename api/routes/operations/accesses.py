"""The access log, for auditors: as JSON page by page, or all of it as CSV."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from starlette.responses import Response, StreamingResponse

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, Page, encoded, number_before
from api.http.parameters import IdAsked
from api.http.responses import answer, csv_file, problems
from api.services.operations import accesses
from engine.domain.access.log import AccessAct, AccessAsked, Accessed

router = APIRouter(tags=["operations"])


def asked(
    person: IdAsked = None,
    act: AccessAct | None = None,
    subject: IdAsked = None,
    since: Annotated[AwareDatetime | None, Query(description="this instant included")] = None,
    until: Annotated[AwareDatetime | None, Query(description="this instant included")] = None,
) -> AccessAsked:
    """The filters."""
    return AccessAsked(person=person, act=act, subject=subject, since=since, until=until)


Asked = Annotated[AccessAsked, Depends(asked)]


@router.get("/access-log", response_model=Page[Accessed], responses=problems(403), operation_id="listAccesses")
def listed(caller: SignedIn, desk: AtDesk, wanted: Asked, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Sign-ins, readings of restricted work, exports and tokens, newest first; for the duty `auditor`."""
    found = accesses.found(caller, desk, wanted, limit + 1, number_before(cursor))
    following = encoded((found[limit - 1].number,)) if len(found) > limit else None
    return answer(Page[Accessed](items=found[:limit], next_cursor=following))


@router.get(
    "/access-log.csv",
    response_class=StreamingResponse,
    responses=problems(403) | {200: {"description": "the lines", "content": {"text/csv": {}}}},
    operation_id="exportAccesses",
)
def exported(caller: SignedIn, desk: AtDesk, wanted: Asked) -> Response:
    """The same as one CSV file, with a mark that Excel reads as UTF-8."""
    return csv_file(accesses.as_csv(caller, desk, wanted), "access-log.csv")
