"""How a person likes to look at the pages: language, size of text, light or dark; and our files."""

from pathlib import Path
from typing import Annotated

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.web.frame.form_fields import takes
from api.web.frame.page import Guest, pages_router, text_of
from api.web.frame.session import Look, write_look
from engine.domain.errors import invalid_at

router = pages_router()
_LOOKS = ("language", "text_size", "theme", "years")
FOREVER = "public, max-age=31536000, immutable"


@router.post("/look")
async def choose(visit: Guest, form: Annotated[FormData, takes(*_LOOKS, "back", once=False)]) -> Response:
    """Keeps the choice and stays on the page; what the form does not name stays as it was."""
    asked = {name: text_of(form, name) for name in _LOOKS if form.get(name)}
    try:
        look = Look.model_validate(visit.look.model_dump() | asked)
    except ValidationError as error:
        raise invalid_at("/look", "bad_value") from error
    response = visit.to(text_of(form, "back") or "/")
    write_look(response, visit.request, look)
    return response


class OurFiles(StaticFiles):
    """Files of `api/static`: for ever when their content's hash is in the address, else asked for anew."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        known = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = FOREVER if known and response.status_code == 200 else "no-cache"
        return response
