"""Sheets to print: the decision sheet of a submission, and the case sheet of a shared result, as PDF."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.responses import printed, problems
from api.services.exchange import sheets as service
from engine.language.catalogues import Language

router = APIRouter()
SAID = problems(404) | {200: {"description": "the sheet", "content": {"application/pdf": {}}}}
Lang = Annotated[Language | None, Query(description="language of labels; that of Accept-Language unless said")]


@router.get(
    "/cycles/{cycle}/decision-sheet.pdf", responses=SAID, response_class=Response, operation_id="decisionSheet"
)
def decision(
    cycle: str,
    caller: SignedIn,
    desk: AtDesk,
    version: Annotated[int | None, Query(ge=1, description="which submission; the newest unless said")] = None,
    lang: Lang = None,
) -> Response:
    """決裁書: route, decisions, proxies, conditions, reasons, hash, and what was handed in."""
    return printed(*service.decision(cycle, caller, desk, version, lang))


@router.get("/cases/{case}/sheet.pdf", responses=SAID, response_class=Response, operation_id="caseSheet")
def case(case: str, caller: SignedIn, desk: AtDesk, lang: Lang = None) -> Response:
    """事例シート: a shared result on one page; a case has the id of its cycle."""
    return printed(*service.case(case, caller, desk, lang))
