"""A person's due dates as iCalendar, for the calendar program they use."""

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import problems
from api.auth import SignedIn
from api.state import AtDesk
from engine.files import feeds
from engine.store.readers import CycleFilter

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
    waiting = desk.reader.inbox(caller.id, caller.facts)
    found = desk.reader.cycles(CycleFilter(owner=caller.id), MOST)
    dues = [
        *feeds.decisions(waiting, caller.language),
        *feeds.own((one.state for one in found), caller.id, caller.language),
    ]
    return Response(feeds.calendar(dues, caller.language), media_type="text/calendar; charset=utf-8")
