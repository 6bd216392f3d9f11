"""Tokens for programs, and what everybody was told."""

from starlette.responses import Response

from api.http.paging import Page
from api.routes.outgoing import notices as routes
from api.routes.outgoing.notices import NoticeView
from api.web.admin.access import Admin
from api.web.forms.answered import answered
from api.web.frame.page import Context, pages_router
from api.web.frame.people import Someone, someone

router = pages_router()


class Told(Context):
    """A notice with the person it went to."""

    notice: NoticeView
    person: Someone


class EverybodyContext(Context):
    """What everybody was told."""

    notices: tuple[Told, ...]
    channels: tuple[str, ...]


@router.get("/admin/notices")
def everybodys(visit: Admin) -> Response:
    """What everybody was told lately."""
    found = answered(routes.everybodys(visit.caller, visit.desk, limit=100), Page[NoticeView])
    told = tuple(
        Told(notice=one, person=someone(one.person_id, visit.caller.facts, visit.language)) for one in found.items
    )
    context = EverybodyContext(notices=told, channels=tuple(visit.desk.settings.channels))
    return visit.page("admin_notices.html", context)
