"""Who was refused what for want of a right: a line in the log, for whoever looks for attempts."""

import structlog
from fastapi import Request

from api.auth import bearer_of
from engine.domain.errors import Category, Refusal

log = structlog.get_logger(__name__)


def note_refused(request: Request, refusal: Refusal, visitor: str | None = None) -> None:
    """Writes it; the address by its pattern, which holds nobody's words.

    Args:
        request: what was asked.
        refusal: the answer; only those for want of a right are written.
        visitor: who is signed in to the pages; without one it is whoever the token is for.
    """
    if refusal.category is not Category.FORBIDDEN:
        return
    person, place = visitor or bearer_of(request.scope) or "", getattr(request.scope.get("route"), "path", "")
    log.info("refused", code=refusal.code, person=person, method=request.method, place=place)
