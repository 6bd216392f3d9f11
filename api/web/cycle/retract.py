"""決裁の取消し in the pages: the small form right after deciding and as long as it is possible, and what it does."""

from typing import Annotated

from starlette.datastructures import FormData
from starlette.responses import Response

from api.web.cycle.actions import give
from api.web.format.gettext import N_
from api.web.frame.form_fields import takes
from api.web.frame.page import Member, pages_router, text_of
from engine.domain.cycle import commands as c

router = pages_router()


@router.post("/decisions/{cycle}/retract")
async def retract(visit: Member, form: Annotated[FormData, takes("round", "reason")], cycle: str) -> Response:
    """Takes the reader's last decision back; pressed twice it does so once."""
    reason, number = text_of(form, "reason"), text_of(form, "round")
    if not reason.strip():
        return visit.to(
            f"/cycles/{cycle}#retract", N_("Write why you take it back; whoever was told reads it."), "wrong"
        )
    body = c.Retract(round=int(number) if number.isdecimal() else 0, reason=reason)
    await give(visit, cycle, body)
    return visit.to(f"/decisions/{cycle}", N_("The decision is taken back. The step is in review again."))
