"""Versions: every submission as it was handed in, and what changed between two of them."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from api.auth import Caller, SignedIn
from api.container import AtDesk, Desk
from api.http.paging import Page
from api.http.parameters import Number
from api.http.responses import answer, problems
from api.schemas.cycle import View
from api.services.cycles.cycles import state_there
from api.services.cycles.versions import submissions
from engine.domain.cycle.differences import FieldDifference
from engine.domain.cycle.versions import Outcome, Version, between, version
from engine.domain.steps import Step

router = APIRouter(tags=["versions"])


class VersionView(View):
    """One submission."""

    n: int = Field(description="1, 2, 3 … over all steps of the cycle")
    step: Step
    round: int
    submitted_at: datetime
    by: str
    hash: str = Field(description="SHA-256 of the deliverable as handed in")
    message: str | None
    outcome: Outcome
    outcome_at: datetime | None
    outcome_by: str | None


class VersionWhole(VersionView):
    """One submission with everything that was handed in."""

    deliverable: dict[str, Any]


class VersionDifferenceView(View):
    """What changed from version `a` to version `b`; empty when nothing did."""

    a: int
    b: int
    step: Step
    items: list[FieldDifference]


@router.get(
    "/cycles/{cycle}/versions", response_model=Page[VersionView], responses=problems(404), operation_id="listVersions"
)
def listed(cycle: str, caller: SignedIn, desk: AtDesk) -> Response:
    """Every submission, oldest first, with what became of it."""
    items = [VersionView.model_validate(_plain(one)) for one in _versions(cycle, caller, desk)]
    return answer(Page[VersionView](items=items))


@router.get(
    "/cycles/{cycle}/versions/{n}", response_model=VersionWhole, responses=problems(404), operation_id="getVersion"
)
def shown(cycle: str, n: Number, caller: SignedIn, desk: AtDesk) -> Response:
    """One submission exactly as it was handed in."""
    one = version(_versions(cycle, caller, desk), n)
    given = one.deliverable.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return answer(VersionWhole.model_validate(_plain(one) | {"deliverable": given}))


@router.get(
    "/cycles/{cycle}/versions/{a}/diff/{b}",
    response_model=VersionDifferenceView,
    responses=problems(404, 409),
    operation_id="compareVersions",
)
def compared(cycle: str, a: Number, b: Number, caller: SignedIn, desk: AtDesk) -> Response:
    """What changed between two submissions of one step. `key_field`: approvals rest on it."""
    found = _versions(cycle, caller, desk)
    changes = between(found, a, b)
    return answer(VersionDifferenceView(a=a, b=b, step=version(found, a).step, items=list(changes)))


def _versions(cycle: str, caller: Caller, desk: Desk) -> tuple[Version, ...]:
    return submissions(state_there(cycle, caller, desk), desk)


def _plain(one: Version) -> dict[str, Any]:
    return one.model_dump(exclude={"deliverable"})
