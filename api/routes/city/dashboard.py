"""Dashboards: the state of the city as figures, today or as of a past date (docs/field/measuring.md)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.parameters import AsOf
from api.http.responses import answer, problems
from api.services.city import figures
from api.services.city.questions import looked_up
from engine.domain.analytics.quality import QualityFigures
from engine.domain.analytics.query import FiguresQuestion, FiguresWanted
from engine.domain.analytics.reach import SpreadFigures, Stories
from engine.domain.analytics.summary import Summary
from engine.domain.analytics.waiting import WaitingFigures
from engine.domain.roadmap import Pillar
from engine.domain.spread.adoption_ledger import Totals

router = APIRouter(tags=["dashboard"])


def asked(
    caller: SignedIn,
    desk: AtDesk,
    fiscal_year: Annotated[
        int | None, Query(ge=2000, le=2200, description="年度: 2026 is April 2026 to March 2027")
    ] = None,
    pillar: Pillar | None = None,
    startup: Annotated[str | None, Query(max_length=64)] = None,
    org_unit: Annotated[str | None, Query(max_length=64, description="with every unit below it")] = None,
    as_of: AsOf = None,
) -> FiguresWanted:
    """What the query asks for, with its day, year and offices looked up."""
    question = FiguresQuestion(
        fiscal_year=fiscal_year, pillar=pillar, startup=startup, org_unit=org_unit, as_of=as_of
    )
    return looked_up(question, caller.facts, desk)


class SpreadView(SpreadFigures):
    """With what became of offers; that is of the whole city, as it is now."""

    adoption: Totals


Asked = Annotated[FiguresWanted, Depends(asked)]


@router.get("/dashboard", response_model=Summary, responses=problems(), operation_id="getDashboard")
def dashboard(wanted: Asked, desk: AtDesk) -> Response:
    """Counts, waiting, times and rates; every figure with its unit and what it rests on, null where unknown."""
    return answer(figures.summary(wanted, desk))


@router.get(
    "/dashboard/waiting", response_model=WaitingFigures, responses=problems(), operation_id="getDashboardWaiting"
)
def waiting(wanted: Asked, caller: SignedIn, desk: AtDesk) -> Response:
    """Where items wait, for which post and person and how long; medians per step and per post; who is overloaded."""
    return answer(figures.waiting(wanted, caller, desk))


@router.get(
    "/dashboard/quality", response_model=QualityFigures, responses=problems(), operation_id="getDashboardQuality"
)
def quality(wanted: Asked, caller: SignedIn, desk: AtDesk) -> Response:
    """Returns and their reasons, baselines, overdue conditions, who was left behind, results below aim, spend."""
    return answer(figures.quality(wanted, caller, desk))


@router.get("/dashboard/spread", response_model=SpreadView, responses=problems(), operation_id="getDashboardSpread")
def spread(wanted: Asked, caller: SignedIn, desk: AtDesk) -> Response:
    """How far the spiral reaches: rungs of both ladders, offices with none, staff involved."""
    found = figures.reach(wanted, caller, desk)
    return answer(SpreadView(**dict(found), adoption=figures.adoption(desk)))


@router.get("/dashboard/stories", response_model=Stories, responses=problems(), operation_id="getDashboardStories")
def stories(wanted: Asked, caller: SignedIn, desk: AtDesk) -> Response:
    """Three stories to tell citizens, chosen by the rule that the answer states."""
    return answer(figures.stories(wanted, caller, desk))
