"""Refusals as pages: what happened, what to do, and what the person had typed. JSON stays JSON.

A request that asks for HTML outside `/api` gets a page; a script of ours asks for JSON and gets a problem.
"""

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from api.auth import NotSignedInError
from api.gateway import EngineAwayError
from api.http.problems import (
    AWAY,
    RETRY_AFTER,
    STATUS,
    DatabaseBusyError,
    Problem,
    is_away,
    problem_of,
    simple,
)
from api.http.refused import note_refused
from api.web.frame.page import MOST_FIELDS, Context, SignInNeededError, guest, local, nameless
from api.web.frame.proof import ProofNeededError
from engine.domain.errors import Category, DomainError, Refusal
from engine.domain.model_faults import field_errors
from engine.language.catalogues import Language
from engine.language.fields import label
from engine.language.refusals import language_of

Handler = Callable[[Request, Exception], Awaitable[Response]]
_FRAMEWORK = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_CYCLE = re.compile(r"/(cycles|decisions)/[^/]+")
_HIDDEN = {"csrf", "key", "back", "revision", "round", "action", "return_to", "pull_up", "confirmed", "item", "save"}
"""What a form carries without anybody having typed it."""


SESSION_ENDED = Refusal(code="session_ended", category=Category.FORBIDDEN)
PROOF_NEEDED = Refusal(code="proof_needed", category=Category.FORBIDDEN)
_SIGN_IN = {SESSION_ENDED.code: "/sign-in?next=", PROOF_NEEDED.code: "/sign-in/provider?again=true&next="}
"""Where to sign in for a refusal that can be helped by it."""


class ErrorContext(Context):
    """What went wrong.

    Attributes:
        problem: what a program would be told.
        errors: each place in words, and what is wrong there.
        typed: what somebody had typed, under the name they know it by.
        back: where they came from.
        again: where the same form can be sent again as it was; None where it cannot.
        fields: everything in it.
        now: the page that shows how things stand, where somebody else was faster.
        sign_in: where to sign in again, for whom the visit ended while they were typing.
    """

    problem: Problem
    errors: tuple[tuple[str, str], ...]
    typed: tuple[tuple[str, str], ...]
    back: str
    again: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    now: str | None = None
    sign_in: str | None = None


def install(app: FastAPI) -> None:
    """Puts pages before the problems that are installed already."""
    kinds = (
        DomainError, EngineAwayError, SQLAlchemyError, DatabaseBusyError, RequestValidationError, HTTPException,
        Exception,
    )  # fmt: skip
    for kind in kinds:
        before = cast("Handler", app.exception_handlers[kind])
        app.add_exception_handler(kind, _page_or(before))
    app.add_exception_handler(SignInNeededError, _sign_in)


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, not a program."""
    path = request.url.path
    return not path.startswith(("/api/", "/static/")) and "text/html" in request.headers.get("accept", "")


def _page_or(before: Handler) -> Handler:
    async def handler(request: Request, error: Exception) -> Response:
        if not wants_page(request) or not hasattr(request.app.state, "desk"):
            return await before(request, error)
        refusal, status = _refusal(error)
        if is_away(error) and not hasattr(request.state, "typed"):
            await _keep_typed(request)
        if status >= 500 and not isinstance(error, EngineAwayError) and not is_away(error):
            await before(request, error)  # it writes the log
        return await run_in_threadpool(_page, request, refusal, status)

    return handler


async def _keep_typed(request: Request) -> None:
    """Reads a form that nobody has read yet: what fails before that shall not lose what was typed."""
    if request.method != "POST":
        return
    with suppress(HTTPException, RuntimeError):
        form = await request.form(max_fields=MOST_FIELDS)
        request.state.typed = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _page(request: Request, refusal: Refusal, status: int) -> Response:
    try:
        visit = guest(request)
    except AWAY:
        visit = nameless(request)
    note_refused(request, refusal, visit.session.person)
    sent = tuple(getattr(request.state, "typed", ()))
    typed = (one for one in sent if one[0] not in _HIDDEN and one[1].strip())
    problem = problem_of(visit.named(refusal), visit.language, status)
    context = ErrorContext(
        problem=problem,
        errors=tuple((_place(one.pointer, visit.language), one.message) for one in problem.errors or ()),
        typed=tuple((_known_as(name, visit.language), value) for name, value in typed),
        back=_back(request),
        again=request.url.path if status == 503 and sent and not _has_files(request) else None,
        fields=sent,
        now=_now(request) if status == 409 else None,
        sign_in=_SIGN_IN[refusal.code] + (_now(request) or _back(request)) if refusal.code in _SIGN_IN else None,
    )
    response = visit.page("error.html", context, status)
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def _place(pointer: str, language: Language) -> str:
    """The words for a place that a refusal names; empty for the whole form."""
    return _known_as(pointer.lstrip("/?").replace("/", "."), language) if pointer.strip("/?") else ""


def _known_as(name: str, language: Language) -> str:
    """The words beside a control: those of its field, and which row of a list it is in."""
    rows = [str(int(part) + 1) for part in name.split(".") if part.isdecimal()]
    return " ".join((label(name, language), *rows))


def _has_files(request: Request) -> bool:
    """Files would not be sent along again."""
    return request.headers.get("content-type", "").startswith("multipart/")


def _now(request: Request) -> str | None:
    found = _CYCLE.match(request.url.path)
    return found[0] if found else None


def _back(request: Request) -> str:
    origin = str(request.base_url).rstrip("/")
    referer = request.headers.get("referer", "")
    return local(referer.removeprefix(origin)) if referer.startswith(origin + "/") else "/"


def _refusal(error: Exception) -> tuple[Refusal, int]:
    match error:
        case NotSignedInError():
            return error.refusal, 401
        case DomainError():
            return error.refusal, STATUS[error.refusal.category]
        case EngineAwayError():
            return Refusal(code=error.code, category=Category.INVALID), 503
        case _ if is_away(error):
            return Refusal(code="database_away", category=Category.INVALID), 503
        case RequestValidationError():
            errors = field_errors(error.errors())
            return Refusal(code="invalid_fields", category=Category.INVALID, errors=errors), 422
        case HTTPException():
            code = _FRAMEWORK.get(error.status_code, "bad_value")
            return Refusal(code=code, category=Category.INVALID), error.status_code
        case _:
            return Refusal(code="internal_error", category=Category.INVALID), 500


async def _sign_in(request: Request, error: Exception) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        return simple("session_ended", 401, language_of(request.headers.get("accept-language")))
    await _keep_typed(request)
    if any(value.strip() for name, value in getattr(request.state, "typed", ()) if name not in _HIDDEN):
        asked = PROOF_NEEDED if isinstance(error, ProofNeededError) else SESSION_ENDED
        return await run_in_threadpool(_page, request, asked, 401)
    following = error.following if isinstance(error, SignInNeededError) else "/"
    where = "/sign-in" if following == "/" else f"/sign-in?next={local(following)}"
    if isinstance(error, ProofNeededError):
        where = _SIGN_IN[PROOF_NEEDED.code] + local(following)
    return RedirectResponse(where, 303)
