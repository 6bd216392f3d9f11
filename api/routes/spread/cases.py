"""The case library: what was shared, found again by words and filters."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, Page
from api.http.parameters import CodeAsked, Search
from api.http.responses import answer, problems
from api.schemas.case import CaseLine, CaseView
from api.schemas.cycle import View
from api.services.spread import cases as service
from engine.contracts.lists import CaseFilter
from engine.domain.deliverables.realise import Verdict
from engine.domain.deliverables.share import PublicLevel
from engine.domain.deliverables.transform import Difficulty
from engine.domain.roadmap import Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.spread.cases import Standing
from engine.domain.spread.similar_cases import Likeness
from engine.domain.steps import CycleKind

router = APIRouter(tags=["cases"])


@router.get("/cases", response_model=Page[CaseLine], responses=problems(), operation_id="listCases")
def listed(
    caller: SignedIn,
    desk: AtDesk,
    q: Search = None,
    pillar: Pillar | None = None,
    startup: CodeAsked = None,
    org_unit: CodeAsked = None,
    org_scope: OrgScope | None = None,
    work_scope: WorkScope | None = None,
    kind: CycleKind | None = None,
    public_level: PublicLevel | None = None,
    verdict: Verdict | None = None,
    difficulty: Difficulty | None = None,
    worse: Annotated[bool | None, Query(description="the result was worse than before")] = None,
    fiscal_year: Annotated[int | None, Query(ge=2000, le=2200, description="年度 in which it was shared")] = None,
    standing: Annotated[Standing | None, Query(description="`rejected`: only some steps were approved")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Cases: with `q` the best match first, else the newest; failures are in the library too."""
    wanted = CaseFilter(
        pillar=pillar,
        startup=startup,
        org_unit=org_unit,
        org_scope=org_scope,
        work_scope=work_scope,
        kind=kind,
        public_level=public_level,
        verdict=verdict,
        difficulty=difficulty,
        worse=worse,
        fiscal_year=fiscal_year,
        standing=standing,
    )
    return answer(service.found(caller, desk, q=q or "", wanted=wanted, limit=limit, cursor=cursor))


class SimilarCase(View):
    """A case like the one being imagined, and why."""

    id: str
    title: str
    org_unit: str
    likeness: Likeness


@router.get(
    "/cycles/{cycle}/similar",
    response_model=Page[SimilarCase],
    responses=problems(404),
    operation_id="getSimilarCases",
)
def similar(cycle: str, caller: SignedIn, desk: AtDesk) -> Response:
    """The five cases most like what this cycle imagines: shared words, metrics, pillar."""
    items = [
        SimilarCase(id=one.cycle_id, title=one.title, org_unit=one.org_unit, likeness=why)
        for one, why in service.similar(cycle, caller, desk)
    ]
    return answer(Page[SimilarCase](items=items))


@router.get("/cases/{case}", response_model=CaseView, responses=problems(404), operation_id="getCase")
def shown(case: str, caller: SignedIn, desk: AtDesk) -> Response:
    """The case sheet (事例シート)."""
    return answer(service.sheet(case, caller, desk))
