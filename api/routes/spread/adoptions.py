"""The adoption ledger: who copied what, how fast, and with what effect."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, encoded, key_of
from api.http.responses import answer, problems
from api.schemas.cycle import View
from engine.domain.errors import not_found
from engine.domain.spread.adoption_ledger import Adoption, Totals, totals

router = APIRouter(tags=["spread"])


class AdoptionsView(View):
    """Adoptions with their sums; the sums are over all of them, not only this page."""

    items: list[Adoption]
    totals: Totals
    next_cursor: str | None = Field(default=None, description="null on the last page")


@router.get("/adoptions", response_model=AdoptionsView, responses=problems(), operation_id="listAdoptions")
def listed(caller: SignedIn, desk: AtDesk, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Every offer with what became of it, and every case that was taken over unasked; the newest first."""
    found, after = desk.adoptions.all(), key_of(cursor)
    there = desk.reader.readable((one.case_id for one in found), caller.clearance)
    beyond = [one for one in found if one.case_id in there and (after is None or _key(one) < after)]
    following = None
    if len(beyond) > limit:
        at, name = _key(beyond[limit - 1])
        following = encoded((at.isoformat(), name))
    return answer(AdoptionsView(items=beyond[:limit], totals=desk.adoptions.totals(), next_cursor=following))


@router.get(
    "/cases/{case}/adoptions", response_model=AdoptionsView, responses=problems(404), operation_id="getAdoptions"
)
def shown(case: str, caller: SignedIn, desk: AtDesk) -> Response:
    """Who copied this case, and who copied the copies (`depth` above 1)."""
    if desk.library.case(case, caller.clearance) is None:
        raise not_found("unknown_case", case=case)
    found = desk.adoptions.of(case)
    return answer(AdoptionsView(items=found, totals=totals(found)))


def _key(one: Adoption) -> tuple[datetime, str]:
    return one.at, one.offer_id or one.cycle_id or ""
