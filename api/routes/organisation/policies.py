"""決裁規程: the approval policies that were put in force, for reading."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Page
from api.http.parameters import Number
from api.http.responses import answer, problems
from api.schemas.cycle import View
from engine.domain.errors import not_found
from engine.domain.review.policy import DEFAULT, Policy
from engine.store.directory.directory import POLICY

router = APIRouter(tags=["policies"])


class PolicyLine(View):
    """One policy; number 0 is the built-in default."""

    number: int
    id: str
    imported_at: datetime | None
    imported_by: str | None
    in_force: bool = Field(description="for every submission from now on; a review under way keeps its own")


class PolicyWhole(PolicyLine):
    policy: Policy


@router.get("/policies", response_model=Page[PolicyLine], responses=problems(), operation_id="listPolicies")
def listed(_caller: SignedIn, desk: AtDesk) -> Response:
    """Every policy, the newest first."""
    return answer(Page[PolicyLine](items=[PolicyLine(**one.model_dump(exclude={"policy"})) for one in _all(desk)]))


@router.get("/policies/{number}", response_model=PolicyWhole, responses=problems(404), operation_id="getPolicy")
def shown(number: Number, _caller: SignedIn, desk: AtDesk) -> Response:
    """One policy with everything it says."""
    found = next((one for one in _all(desk) if one.number == number), None)
    if found is None:
        raise not_found("unknown_policy", n=str(number))
    return answer(found)


def _all(desk: AtDesk) -> list[PolicyWhole]:
    rows = desk.reader.documents(POLICY)
    found = [
        PolicyWhole(
            number=row.number or 0, id=row.name, imported_at=row.imported_at, imported_by=row.imported_by,
            in_force=index == 0, policy=Policy.model_validate_json(row.content),
        )
        for index, row in enumerate(rows)
    ]  # fmt: skip
    builtin = PolicyWhole(
        number=0, id=DEFAULT.id, imported_at=None, imported_by=None, in_force=not rows, policy=DEFAULT
    )
    return [*found, builtin]
