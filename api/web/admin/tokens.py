"""Tokens for programs, and what everybody was told."""

from starlette.responses import Response

from api.schemas.notices import NoticeView
from api.services.outgoing import notices as service
from api.web.admin.access import Admin
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
    found = service.everybodys(visit.caller, visit.desk, 100)
    told = tuple(
        Told(notice=one, person=someone(one.person_id, visit.caller.facts, visit.language)) for one in found.items
    )
    context = EverybodyContext(notices=told, channels=tuple(visit.desk.settings.channels))
    return visit.page("admin_notices.html", context)
