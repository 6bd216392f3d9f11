"""A person's due dates as iCalendar, for the calendar program they use."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.responses import answer, problems
from api.schemas.cycle import View
from api.services.exchange import calendar as service

router = APIRouter()


@router.get(
    "/me/calendar.ics",
    responses=problems() | {200: {"description": "iCalendar", "content": {"text/calendar": {}}}},
    response_class=Response,
    operation_id="myCalendar",
)
def mine(caller: SignedIn, desk: AtDesk) -> Response:
    """What waits for your decision, and the due dates of your own cycles: conditions, milestones, reviews."""
    return _calendar(service.dates_of(caller.id, caller.facts, caller.language, desk))


class FeedView(View):
    """The secret address; whoever has it can read the due dates, and nothing else."""

    url: str


@router.post(
    "/me/calendar", status_code=201, response_model=FeedView, responses=problems(), operation_id="makeCalendarFeed"
)
def make(request: Request, caller: SignedIn, desk: AtDesk) -> Response:
    """A secret address for a calendar program; an earlier one ends. Shown once: only its hash is kept."""
    url = service.make(caller.id, str(request.base_url), desk)
    return answer(FeedView(url=url), 201, X_Not_Kept="secret")


@router.delete("/me/calendar", status_code=204, responses=problems(), operation_id="endCalendarFeed")
def end(caller: SignedIn, desk: AtDesk) -> Response:
    """Ends the secret address."""
    service.end(caller.id, desk)
    return Response(status_code=204)


@router.get(
    "/calendar/{token}.ics",
    responses={404: problems(404)[404], 200: {"description": "iCalendar", "content": {"text/calendar": {}}}},
    response_class=Response,
    operation_id="calendarFeed",
    openapi_extra={"security": []},  # the address is the secret
)
def feed(token: Annotated[str, Path(max_length=100)], desk: AtDesk) -> Response:
    """The calendar at its secret address: due dates to look at, in the person's own language."""
    return _calendar(service.at(token, desk))


def _calendar(text: bytes) -> Response:
    return Response(text, media_type="text/calendar; charset=utf-8")
