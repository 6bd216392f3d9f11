"""Tokens for programs, and what everybody was told."""

import asyncio
from typing import Annotated

from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth import hand_out
from api.http.paging import Page
from api.routes.outgoing import notices as routes
from api.routes.outgoing.notices import NoticeView
from api.web.admin.access import Admin
from api.web.forms.answered import answered
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, pages_router, text_of
from api.web.frame.people import Someone, someone
from engine.domain.errors import invalid_at

router = pages_router()


class Told(Context):
    """A notice with the person it went to."""

    notice: NoticeView
    person: Someone


class EverybodyContext(Context):
    """What everybody was told."""

    notices: tuple[Told, ...]
    channels: tuple[str, ...]


class TokenContext(Context):
    """A token, shown once."""

    person: str
    token: str


@router.post("/admin/tokens")
async def token(visit: Admin, form: Annotated[FormData, takes("person")]) -> Response:
    """A token for a program that acts for a person."""
    person = text_of(form, "person")
    if visit.caller.facts.organisation.person(person) is None:
        raise invalid_at("/person", "unknown_person", person=person)
    desk = visit.desk
    made = await asyncio.to_thread(hand_out, desk.database, desk.settings, person, by=visit.caller.id)
    return visit.shown_once("token.html", TokenContext(person=person, token=made), "/admin")


@router.get("/admin/notices")
def everybodys(visit: Admin) -> Response:
    """What everybody was told lately."""
    found = answered(routes.everybodys(visit.caller, visit.desk, limit=100), Page[NoticeView])
    told = tuple(
        Told(notice=one, person=someone(one.person_id, visit.caller.facts, visit.language)) for one in found.items
    )
    context = EverybodyContext(notices=told, channels=tuple(visit.desk.settings.channels))
    return visit.page("admin_notices.html", context)
