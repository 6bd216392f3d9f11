"""Sheets to print: the decision sheet of a submission, and the case sheet of a shared result, as PDF."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.auth import Caller, SignedIn
from api.container import AtDesk
from api.http.responses import problems
from api.services.cycles import state_there
from engine.domain.cycle.state import CycleState
from engine.domain.errors import not_found
from engine.domain.steps import CycleStatus
from engine.language.catalogues import Language
from engine.runtime.seals import latest
from engine.sheets.case_sheet import case_sheet
from engine.sheets.decision_sheet import decision_sheet
from engine.sheets.pdf import pdf
from engine.sheets.sheets import Sheet, Speech

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
    state = state_there(cycle, caller, desk)
    events = desk.journal.events(cycle)
    last = latest(desk.settings.seals_path)
    seal = (last.moment, last.root) if last is not None else None
    sheet = decision_sheet(state, events, caller.facts.organisation, _speech(caller, lang), version, seal=seal)
    return _answer(sheet, state, f"decision-{cycle}.pdf")


@router.get("/cases/{case}/sheet.pdf", responses=SAID, response_class=Response, operation_id="caseSheet")
def case(case: str, caller: SignedIn, desk: AtDesk, lang: Lang = None) -> Response:
    """事例シート: a shared result on one page; a case has the id of its cycle."""
    state = state_there(case, caller, desk)
    if state.status is not CycleStatus.COMPLETED:
        raise not_found("unknown_cycle", cycle=case)
    return _answer(case_sheet(state, caller.facts.organisation, _speech(caller, lang)), state, f"case-{case}.pdf")


def _speech(caller: Caller, language: Language | None) -> Speech:
    return Speech(language or caller.language, caller.facts.policy.utc_offset_minutes)


def _answer(sheet: Sheet, state: CycleState, name: str) -> Response:
    return Response(
        pdf(sheet, state.updated_at),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )
