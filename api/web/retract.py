"""決裁の取消し in the pages: the small form right after deciding and as long as it is possible, and what it does."""

import hashlib
from uuid import uuid4

from starlette.responses import Response

from api.web.cycle_moves import give
from api.web.site import Member, Typed, pages_router, text_of
from api.web.words import N_
from engine.domain import commands as c

router = pages_router()


@router.post("/decisions/{cycle}/retract")
async def retract(visit: Member, form: Typed, cycle: str) -> Response:
    """Takes the reader's last decision back; pressed twice it does so once."""
    reason, number = text_of(form, "reason"), text_of(form, "round")
    if not reason.strip():
        return visit.to(
            f"/cycles/{cycle}#retract", N_("Write why you take it back; whoever was told reads it."), "wrong"
        )
    key = text_of(form, "key") or uuid4().hex
    command = hashlib.sha256(f"{visit.caller.id}\n{cycle}\nretract\n{key}".encode()).hexdigest()[:32]
    body = c.Retract(round=int(number) if number.isdecimal() else 0, reason=reason)
    await give(visit, cycle, body, key=command)
    return visit.to(f"/decisions/{cycle}", N_("The decision is taken back. The step is in review again."))
