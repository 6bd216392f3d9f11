"""The doorkeeper: looks at a request's head and either answers it at once or lets it through."""

import asyncio
import math

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from api.auth import NotSignedInError, let_in, person_of
from api.door.hosts import PROBES, TrustedHosts, host_of
from api.door.limits import RateLimit, address_of
from api.http.middleware import LARGEST, LARGEST_UPLOAD, Admitted, declared, upload
from api.http.problems import API, plainly, problem_response
from api.web.frame.page import guest
from api.web.frame.session import signed_person
from engine.domain.text import printable
from engine.language.refusals import language_of
from engine.runtime.settings import Settings
from engine.store.faults import AWAY

FOR_GUESTS = frozenset({"/first-run", "/look", "/sign-in/provider/ended", "/sign-in/sample", "/sign-out"})
"""Forms of pages that need nobody to be signed in, and the word of the provider that a session ended."""
LARGEST_OF_NOBODY = 64_000
"""Bytes of a page's form whose sender is not known."""


class Doorkeeper:
    """See the module.

    Args:
        settings: under which names the city answers, and how much is let through.
    """

    def __init__(self, settings: Settings) -> None:
        self._hosts = TrustedHosts(settings)
        counted = settings.limits == "on"
        self._people = RateLimit(settings.limit_person) if counted else None
        self._addresses = RateLimit(settings.limit_address) if counted else None

    def refused(self, scope: Scope) -> Response | None:
        """The answer to what goes no further; None lets it through."""
        return self._elsewhere(scope) or self._too_often(scope)

    async def with_body(self, scope: Scope) -> Admitted | Response:
        """How much of the body is read. Of nobody's it is nothing, but for the few forms that are for guests."""
        largest = LARGEST_UPLOAD if upload(scope["path"]) else LARGEST
        if scope["path"].startswith(API):
            return await asyncio.to_thread(_by_token, scope, largest)
        return await asyncio.to_thread(_by_visit, scope, largest)

    def _elsewhere(self, scope: Scope) -> Response | None:
        header = Headers(scope=scope).get("host", "")
        if self._hosts.allows(header) or scope["path"] in PROBES:
            return None
        return plainly(scope, "unknown_host", 400, host=printable(host_of(header))[:100] or "-")

    def _too_often(self, scope: Scope) -> Response | None:
        if self._addresses is None or self._people is None:
            return None
        seconds = self._addresses.wait(address_of(scope.get("client")))
        if not seconds and (person := signed_by(scope)) is not None:
            seconds = self._people.wait(person)
        if not seconds:
            return None
        return plainly(scope, "too_many_requests", 429, {"Retry-After": str(max(1, math.ceil(seconds)))})


def _by_token(scope: Scope, largest: int) -> Admitted | Response:
    token, problem = bearer_of(scope), NotSignedInError("not_signed_in")
    try:
        if token is not None:
            return Admitted(largest, let_in(scope, token))
    except NotSignedInError as error:
        problem = error
    language = language_of(Headers(scope=scope).get("accept-language"))
    return problem_response(problem.refusal, language, 401, {"WWW-Authenticate": "Bearer"})


def _by_visit(scope: Scope, largest: int) -> Admitted | Response:
    """What was typed before a visit ended is shown, to be copied: so a browser's form is read, but no file of it.

    A form is all the smaller the less is known of who sends it: their visit may be over, or its cookie be gone.
    """
    request = Request(scope)
    length, person = declared(request.headers), signed_person(request)
    in_browser = "text/html" in request.headers.get("accept", "")
    if person is not None and _is_in(request):
        return Admitted(largest)
    if person is not None and length <= LARGEST:
        return Admitted(LARGEST)
    if scope["path"] in FOR_GUESTS or (in_browser and length <= LARGEST_OF_NOBODY and not upload(scope["path"])):
        return Admitted(LARGEST_OF_NOBODY)
    return RedirectResponse("/sign-in", 303) if in_browser else plainly(scope, "session_ended", 401)


def _is_in(request: Request) -> bool:
    """Whether the visit still counts; while the database is away nobody's is over."""
    try:
        return guest(request).caller is not None
    except AWAY:
        return True


def signed_by(scope: Scope) -> str | None:
    """Whose token or visit the request carries, by its signature alone: whether it still counts is not asked."""
    token = bearer_of(scope)
    if token is None:
        return signed_person(Request(scope))
    try:
        return person_of(token, scope["app"].state.signing_keys)
    except NotSignedInError:
        return None


def bearer_of(scope: Scope) -> str | None:
    """The bearer token of a request."""
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
