"""Effects of the whole city: sums of increments, by year, pillar, startup and office."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.responses import answer, problems
from api.schemas.effects import EffectTotals
from api.services.city import figures
from engine.domain.effects.sums import GroupBy, Selection
from engine.domain.roadmap import Pillar

router = APIRouter(tags=["effects"])


@router.get("/effects", response_model=EffectTotals, responses=problems(), operation_id="getEffects")
def effects(
    caller: SignedIn,
    desk: AtDesk,
    fiscal_year: Annotated[
        int | None, Query(ge=2000, le=2200, description="年度, the year in which it begins in April")
    ] = None,
    pillar: Pillar | None = None,
    startup: Annotated[str | None, Query(max_length=64)] = None,
    org_unit: Annotated[str | None, Query(max_length=64, description="a unit, with all units below")] = None,
    group_by: GroupBy | None = None,
) -> Response:
    """What the spirals brought so far. No hour is counted twice; what is not measured is counted, never as zero."""
    selection = Selection(fiscal_year=fiscal_year, pillar=pillar, startup=startup, org_unit=org_unit)
    return answer(figures.effects(selection, group_by, caller, desk))
