"""The roadmap in force, today or as of a past date; its editions and their differences."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, Page
from api.http.parameters import AsOf
from api.http.responses import IdempotencyKey, answer, problems
from api.schemas.roadmap import (
    AskedReport,
    EditionDifferenceView,
    EditionView,
    MilestoneView,
    ReportView,
    RoadmapView,
)
from api.services.city import roadmap as service
from engine.domain.analytics.startup_progress import InitiativeProgress

router = APIRouter(tags=["roadmap"])


@router.get("/roadmap", response_model=RoadmapView, responses=problems(), operation_id="getRoadmap")
def roadmap(
    caller: SignedIn,
    desk: AtDesk,
    as_of: AsOf = None,
    initiatives: Annotated[int, Query(ge=0, le=200, description="named under each startup at most")] = 50,
) -> Response:
    """Pillars and startups of the edition in force, with the initiatives under each and how far they have come."""
    return answer(service.roadmap(caller, desk, as_of, initiatives))


@router.get(
    "/roadmap/startups/{startup}/initiatives",
    response_model=Page[InitiativeProgress],
    responses=problems(404),
    operation_id="listInitiativesUnder",
)
def initiatives_under(
    startup: str,
    caller: SignedIn,
    desk: AtDesk,
    as_of: AsOf = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Every initiative under a startup of the edition in force, those of its earlier codes too; the newest first."""
    return answer(service.initiatives_under(startup, caller, desk, as_of=as_of, limit=limit, cursor=cursor))


@router.get("/roadmap/editions", response_model=Page[EditionView], responses=problems(), operation_id="listEditions")
def editions(_caller: SignedIn, desk: AtDesk) -> Response:
    """Every edition that was imported, the newest first; the newest is in force."""
    return answer(service.editions(desk))


@router.post(
    "/roadmap/startups/{startup}/milestones/{milestone}/reports",
    status_code=201,
    response_model=MilestoneView,
    responses=problems(403, 404),
    operation_id="reportMilestone",
)
def report(
    startup: str,
    milestone: str,
    asked: AskedReport,
    caller: SignedIn,
    desk: AtDesk,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Say how a milestone of the edition in force stands (DX team or administrator); every report is kept."""
    return answer(service.report(startup, milestone, asked, caller, desk, idempotency_key), 201)


@router.get(
    "/roadmap/startups/{startup}/milestones/{milestone}/reports",
    response_model=Page[ReportView],
    responses=problems(404),
    operation_id="listMilestoneReports",
)
def reports(startup: str, milestone: str, caller: SignedIn, desk: AtDesk) -> Response:
    """Every report of a milestone, the newest first, those under earlier editions too."""
    return answer(service.reports(startup, milestone, caller, desk))


@router.get(
    "/roadmap/editions/{a}/diff/{b}",
    response_model=EditionDifferenceView,
    responses=problems(404),
    operation_id="diffEditions",
)
def diff(a: str, b: str, _caller: SignedIn, desk: AtDesk) -> Response:
    """What edition `b` says otherwise than edition `a`, field by field; each is named by its id or its number."""
    return answer(service.diff(a, b, desk))
