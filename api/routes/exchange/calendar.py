"""A person's due dates as iCalendar, for the calendar program they use."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk, Desk
from api.http.responses import answer, problems
from api.schemas.cycle import View
from engine.domain.access.entry import kept_out
from engine.domain.access.reading import clearance_of
from engine.domain.errors import not_found
from engine.domain.review.facts import Facts
from engine.language.catalogues import Language
from engine.sheets import icalendar as feeds
from engine.store.queries.cycles import CycleFilter

router = APIRouter()
MOST = 500
"""Own cycles that are looked at, the newest first."""


@router.get(
    "/me/calendar.ics",
    responses=problems() | {200: {"description": "iCalendar", "content": {"text/calendar": {}}}},
    response_class=Response,
    operation_id="myCalendar",
)
def mine(caller: SignedIn, desk: AtDesk) -> Response:
    """What waits for your decision, and the due dates of your own cycles: conditions, milestones, reviews."""
    return _feed(caller.id, caller.facts, caller.language, desk)


class FeedView(View):
    """The secret address; whoever has it can read the due dates, and nothing else."""

    url: str


@router.post(
    "/me/calendar", status_code=201, response_model=FeedView, responses=problems(), operation_id="makeCalendarFeed"
)
def make(request: Request, caller: SignedIn, desk: AtDesk) -> Response:
    """A secret address for a calendar program; an earlier one ends. Shown once: only its hash is kept."""
    token = desk.calendar_feeds.make(caller.id, desk.directory.now())
    base = desk.settings.link_url or str(request.base_url).rstrip("/")
    place = f"{base}/api/v1/calendar/{token}.ics"
    return answer(FeedView(url=place), 201, X_Not_Kept="secret")


@router.delete("/me/calendar", status_code=204, responses=problems(), operation_id="endCalendarFeed")
def end(caller: SignedIn, desk: AtDesk) -> Response:
    """Ends the secret address."""
    desk.calendar_feeds.end(caller.id)
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
    person_id = desk.calendar_feeds.person_of(token)
    facts = desk.directory.facts()
    person = facts.organisation.person(person_id) if person_id else None
    if person is None or kept_out(facts.organisation, person.person_id, facts.today):
        raise not_found("not_found")
    return _feed(person.person_id, facts, person.locale, desk)


def _feed(person: str, facts: Facts, language: Language, desk: Desk) -> Response:
    waiting = desk.work.inbox(person, facts)
    found = desk.reader.cycles(CycleFilter(owner=person), MOST, clearance_of(person, facts))
    dues = [*feeds.decisions(waiting, language), *feeds.own((one.state for one in found), person, language)]
    return Response(feeds.calendar(dues, language), media_type="text/calendar; charset=utf-8")
