"""The case library: what was shared, found again by words and filters."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.auth import Caller, SignedIn
from api.container import AtDesk, Desk
from api.http.paging import Cursor, Limit, Page, encoded, key_of, rank_of
from api.http.parameters import CodeAsked, Search
from api.http.responses import answer, problems
from api.schemas.case import CaseLine, CaseView, case_line, case_view
from api.schemas.cycle import View
from api.services.accesses import note_reading
from api.services.cycles import state_there
from engine.domain.deliverables.realise import Verdict
from engine.domain.deliverables.share import PublicLevel
from engine.domain.deliverables.transform import Difficulty
from engine.domain.errors import not_found
from engine.domain.roadmap import Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.spread.cases import Standing
from engine.domain.spread.similar_cases import Likeness
from engine.domain.steps import CycleKind
from engine.store.projections.library import CaseFilter
from engine.store.projections.search_index import phrases

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
    return answer(found(caller, desk, q=q or "", wanted=wanted, limit=limit, cursor=cursor))


def found(
    caller: Caller, desk: Desk, *, q: str, wanted: CaseFilter, limit: int, cursor: str | None
) -> Page[CaseLine]:
    """One page of cases, the best match or the newest first."""
    if q.strip():
        cases = desk.library.matching(q, wanted, limit + 1, caller.clearance, rank_of(cursor))
    else:
        cases = desk.library.newest(wanted, limit + 1, caller.clearance, key_of(cursor))
    following, asked = None, phrases(q)
    if len(cases) > limit:
        last = cases[limit - 1]
        place = last.shared_at.isoformat() if last.score is None else last.score
        following = encoded((place, last.state.cycle_id))
    return Page[CaseLine](items=[case_line(one, asked) for one in cases[:limit]], next_cursor=following)


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
    state = state_there(cycle, caller, desk)
    items = [
        SimilarCase(id=one.cycle_id, title=one.title, org_unit=one.org_unit, likeness=why)
        for one, why in desk.library.similar(state, caller.clearance)
    ]
    return answer(Page[SimilarCase](items=items))


@router.get("/cases/{case}", response_model=CaseView, responses=problems(404), operation_id="getCase")
def shown(case: str, caller: SignedIn, desk: AtDesk) -> Response:
    """The case sheet (事例シート)."""
    return answer(sheet(case, caller, desk))


def sheet(case: str, caller: Caller, desk: Desk) -> CaseView:
    """One case whole.

    Raises:
        DomainError: `unknown_case`.
    """
    state = desk.library.case(case, caller.clearance)
    if state is None:
        raise not_found("unknown_case", case=case)
    note_reading(state, caller, desk)
    return case_view(state)
