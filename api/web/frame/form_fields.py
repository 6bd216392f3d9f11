"""Which fields a page's form may have: anything else is refused, since a field that is dropped is an order lost.

A route says them: `form: Annotated[FormData, takes("text")]`. Names may hold parts of the address (`answer-{n}`).
"""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, Request
from starlette.datastructures import FormData

from api.web.frame import session as kept
from api.web.frame.once import claim
from api.web.frame.page import MOST_FIELDS, Guest, MemberVisit
from engine.domain.errors import FieldError, forbidden, invalid
from engine.domain.text import printable

ALWAYS = frozenset({"csrf", "key"})
"""What every form carries."""
Known = Callable[[str], bool]


def takes(*names: str, also: Known | None = None, once: bool = True) -> Any:
    """The form's fields, kept for an error page, with token, names and key looked at.

    Args:
        names: of the fields there may be.
        also: whether a further name is one of them.
        once: whether its key makes it one command; not for what may be sent again with another content.
    """

    async def typed(request: Request, visit: Guest) -> FormData:
        form = await request.form(max_fields=MOST_FIELDS)
        request.state.typed = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        given = str(form.get("csrf") or request.headers.get("x-csrf") or "")
        if not kept.csrf_fits(request, visit.session, given):
            raise forbidden("form_expired")
        mine = {one.format_map(request.path_params) for one in names} | ALWAYS
        _refuse(name for name in form if name not in mine and not (also and also(name)))
        request.state.key = str(form.get("key") or "") if once else ""
        if once and isinstance(visit, MemberVisit):
            await claim(request, visit.caller.id, form)
        return form

    return Depends(typed)


def _refuse(unknown: Any) -> None:
    found = [
        FieldError(pointer=f"/{name}", code="unknown_field", params={"why": "page", "name": name})
        for name in dict.fromkeys(printable(one)[:100] for one in unknown)
    ]
    if found:
        raise invalid(*found[:20])
