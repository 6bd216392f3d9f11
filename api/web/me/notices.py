"""My notices: everything I was told, and how I want to be told."""

import asyncio
from typing import Annotated

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.schemas.notices import AskedChoice, ChoiceView, NoticeView
from api.services.exchange import calendar as dates
from api.services.outgoing import notices as service
from api.web.format.gettext import N_
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, Member, MemberVisit, pages_router, text_of
from engine.domain.model_faults import validated

router = pages_router()
SHOWN = 100


class NoticesContext(Context):
    """The outbox and the choice."""

    notices: tuple[NoticeView, ...]
    choice: ChoiceView
    calendar: str | None = None


@router.get("/notices")
def shown(visit: Member) -> Response:
    """What I was told, the newest first."""
    return visit.page("notices.html", _context(visit))


@router.post("/notices/{n}/read")
async def read(visit: Member, _form: Annotated[FormData, takes()], n: int) -> Response:
    """Notes that I have seen it."""
    await asyncio.to_thread(service.mark_read, n, visit.caller, visit.desk)
    return visit.to("/notices")


@router.post("/notices")
async def choose(visit: Member, form: Annotated[FormData, takes("channels", "digest", "language")]) -> Response:
    """How I want to be told."""
    given = {
        "channels": [str(one) for one in form.getlist("channels")],
        "digest": text_of(form, "digest"),
        "language": text_of(form, "language"),
    }
    try:
        asked = AskedChoice.model_validate(given)
    except ValidationError as error:
        raise validated(error) from error
    await asyncio.to_thread(service.choose, asked, visit.caller, visit.desk)
    return visit.to("/notices", N_("Your choice is kept."))


@router.post("/notices/calendar")
async def calendar(visit: Member, _form: Annotated[FormData, takes()]) -> Response:
    """A secret address for a calendar program, shown once."""
    url = await asyncio.to_thread(dates.make, visit.caller.id, str(visit.request.base_url), visit.desk)
    context = await asyncio.to_thread(_context, visit)
    return visit.shown_once("notices.html", context.model_copy(update={"calendar": url}), "/notices")


def _context(visit: MemberVisit) -> NoticesContext:
    found = service.mine(visit.caller, visit.desk, SHOWN)
    choice = service.choice(visit.caller, visit.desk)
    return NoticesContext(notices=tuple(found.items), choice=choice)
