"""People: who am I, what waits for me, and who is away."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.auth import Caller, SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, Page
from api.http.problems import RETRY_AFTER, Problem, problem_of
from api.http.responses import IdempotencyKey, answer, problems
from api.schemas.cycle import InboxItem
from api.schemas.requests import AskedAbsence, AskedBulk
from api.services.cycles import decisions
from api.services.cycles import inbox as inbox_service
from api.services.cycles.decisions import Deciding
from api.services.organisation import absences as service
from engine.contracts.lists import EnteredAbsence
from engine.domain.organisation.organisation import Duty, Post

router = APIRouter(tags=["people"])
UNAVAILABLE = 503


class Me(BaseModel):
    """The caller today."""

    person_id: str
    name: str
    email: str
    locale: str
    posts: list[Post]
    duties: list[Duty]
    stands_in_for: list[str] = Field(description="absent people whose proxy the caller is today")


class AbsenceView(BaseModel):
    """Away from `from` to `to`, both included."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    person_id: str
    first: str = Field(alias="from")
    last: str = Field(alias="to")
    proxy: str | None


class BulkResult(BaseModel):
    """What became of one decision."""

    cycle_id: str
    ok: bool
    problem: Problem | None = None


@router.get("/me", response_model=Me, responses=problems(), operation_id="getMe")
def me(caller: SignedIn) -> Response:
    """The person, their posts and duties today, and whom they stand in for."""
    organisation, today = caller.facts.organisation, caller.facts.today
    absent = [one.person_id for one in organisation.absences if one.proxy == caller.id and one.covers(today)]
    return answer(
        Me(
            **caller.person.model_dump(),
            posts=list(caller.posts),
            duties=sorted(caller.duties),
            stands_in_for=sorted(set(absent)),
        )
    )


@router.get("/inbox", response_model=Page[InboxItem], responses=problems(), operation_id="getInbox")
def inbox(
    caller: SignedIn,
    desk: AtDesk,
    below: Annotated[bool, Query(description="add what the caller could pull up (引上げ)")] = False,
    limit: Limit = 200,
    cursor: Cursor = None,
) -> Response:
    """What waits for the caller, and why them: decisions, the most urgent first; then what to read or answer."""
    return answer(inbox_service.whole(caller, desk, pull_up=below, limit=limit, cursor=cursor))


@router.post("/inbox/decisions", response_model=Page[BulkResult], responses=problems(), operation_id="decideMany")
async def decide_many(
    asked: AskedBulk, caller: SignedIn, desk: AtDesk, idempotency_key: IdempotencyKey = None
) -> Response:
    """Up to 100 decisions; one that fails does not stop the others.

    An answer in which one says *try again* (503) is not kept under the key: the same again does what is left.
    """
    items = [Deciding(one.cycle_id, one.round, one.action, one.reason) for one in asked.items]
    outcomes = await decisions.decide_many(items, caller, desk, idempotency_key)
    page = Page[BulkResult](items=[_result(one, caller) for one in outcomes])
    if any(one.again for one in outcomes):
        return answer(page, Retry_After=RETRY_AFTER, X_Not_Kept="try again")
    return answer(page)


def _result(outcome: decisions.DecisionOutcome, caller: Caller) -> BulkResult:
    status = UNAVAILABLE if outcome.again else None
    problem = problem_of(outcome.refusal, caller.language, status) if outcome.refusal else None
    return BulkResult(cycle_id=outcome.cycle_id, ok=problem is None, problem=problem)


@router.get("/absences", response_model=Page[AbsenceView], responses=problems(), operation_id="listAbsences")
def absences(caller: SignedIn, desk: AtDesk) -> Response:
    """The caller's absences; an administrator sees everybody's."""
    return answer(Page[AbsenceView](items=[_absence_view(one) for one in service.seen(caller, desk)]))


@router.post(
    "/absences",
    status_code=201,
    response_model=AbsenceView,
    responses=problems(403, 409),
    operation_id="enterAbsence",
)
def enter_absence(
    asked: AskedAbsence, caller: SignedIn, desk: AtDesk, idempotency_key: IdempotencyKey = None
) -> Response:
    """Enter an absence for yourself, or as a head in the line or an administrator for somebody else."""
    return answer(_absence_view(service.enter(asked, caller, desk, idempotency_key)), 201)


@router.put(
    "/absences/{absence}", response_model=AbsenceView, responses=problems(403, 404, 409), operation_id="changeAbsence"
)
def change_absence(
    absence: str,
    asked: AskedAbsence,
    caller: SignedIn,
    desk: AtDesk,
    _idempotency_key: IdempotencyKey = None,
) -> Response:
    """Change an absence, at once: yours, or as a head in the line or an administrator."""
    return answer(_absence_view(service.change(absence, asked, caller, desk)))


@router.delete("/absences/{absence}", status_code=204, responses=problems(404), operation_id="endAbsence")
def end_absence(absence: str, caller: SignedIn, desk: AtDesk) -> Response:
    """End an absence, at once and not at midnight; whoever stood in does so no more."""
    service.end(absence, caller, desk)
    return Response(status_code=204)


def _absence_view(one: EnteredAbsence) -> AbsenceView:
    return AbsenceView(
        id=one.id, person_id=one.person_id, first=one.first.isoformat(), last=one.last.isoformat(), proxy=one.proxy
    )
