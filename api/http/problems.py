"""Every refusal as RFC 9457 `application/problem+json`: from the domain, from the framework, from nowhere."""

import html
from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from api.auth import NotSignedInError
from api.gateway import EngineAwayError
from api.http.methods import allowed
from api.http.refused import note_refused
from engine.domain.errors import Category, DomainError, FieldError, Refusal
from engine.domain.model_faults import field_errors
from engine.exchange.errors import FileError
from engine.language.catalogues import Language
from engine.language.refusals import language_of, sentence
from engine.store.faults import AWAY, DatabaseBusyError, is_away

__all__ = [
    "AWAY",
    "DatabaseBusyError",
    "Problem",
    "bad_file",
    "install",
    "is_away",
    "plainly",
    "problem_of",
    "problem_response",
    "simple",
]  # fmt: skip
API = "/api/"
"""Where programs ask; people's pages lie everywhere else."""
TYPE = "/problems/"
STATUS = {
    Category.INVALID: 422,
    Category.FORBIDDEN: 403,
    Category.CONFLICT: 409,
    Category.NOT_FOUND: 404,
    Category.STALE: 412,
}
RETRY_AFTER = "2"
_FRAMEWORK = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 401: "not_signed_in"}
_NO_OBJECT = {"model_attributes_type", "model_type", "dict_type"}
log = structlog.get_logger(__name__)


class FieldProblem(BaseModel):
    """One wrong field."""

    pointer: str = Field(description="RFC 6901 JSON pointer into the body, or `?name` for a query parameter")
    code: str
    message: str


class Problem(BaseModel):
    """A refusal. `type` ends in the code, which is stable; `detail` is for people."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/invalid_fields",
                    "title": "invalid_fields",
                    "status": 422,
                    "detail": "Some fields are wrong; correct those that are named.",
                    "code": "invalid_fields",
                    "params": {},
                    "errors": [{"pointer": "/ideal_statement", "code": "missing", "message": "This is needed."}],
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    params: dict[str, str] = {}
    errors: list[FieldProblem] = []


def problem_of(refusal: Refusal, language: Language, status: int | None = None) -> Problem:
    """The refusal in a person's language."""
    return Problem(
        type=f"{TYPE}{refusal.code}",
        title=refusal.code,
        status=status or STATUS[refusal.category],
        detail=sentence(refusal.code, language, refusal.params),
        code=refusal.code,
        params=refusal.params,
        errors=[
            FieldProblem(pointer=error.pointer, code=error.code, message=sentence(error.code, language, error.params))
            for error in refusal.errors
        ],
    )


def problem_response(
    refusal: Refusal, language: Language, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The refusal as an HTTP answer."""
    problem = problem_of(refusal, language, status)
    return Response(
        problem.model_dump_json(),
        status_code=problem.status,
        media_type="application/problem+json",
        headers={"Content-Language": language, **(headers or {})},
    )


def simple(
    code: str,
    status: int,
    language: Language,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
) -> Response:
    """A refusal that no rule of the domain made."""
    refusal = Refusal(code=code, category=Category.INVALID, params=dict(params or {}))
    return problem_response(refusal, language, status, headers)


def plainly(
    scope: Scope, code: str, status: int, headers: Mapping[str, str] | None = None, **params: str
) -> Response:
    """A refusal before the application was asked: a problem, or, for a person's browser, a page of one sentence."""
    given = Headers(scope=scope)
    language = language_of(given.get("accept-language"))
    if scope["path"].startswith(API) or "text/html" not in given.get("accept", ""):
        return simple(code, status, language, headers, params)
    text = html.escape(sentence(code, language, params))
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{status}</title></head>'
        f"<body><main><h1>{status}</h1><p>{text}</p></main></body></html>\n"
    )
    return HTMLResponse(page, status, {"Content-Language": language, **(headers or {})})


def install(app: FastAPI) -> None:
    """Makes every error of the application a problem."""

    @app.exception_handler(DomainError)
    async def _domain(request: Request, error: DomainError) -> Response:
        if isinstance(error, NotSignedInError):
            return problem_response(error.refusal, _language(request), 401, {"WWW-Authenticate": "Bearer"})
        note_refused(request, error.refusal)
        return problem_response(error.refusal, _language(request))

    @app.exception_handler(EngineAwayError)
    async def _away(request: Request, error: EngineAwayError) -> Response:
        return simple(error.code, 503, _language(request), {"Retry-After": RETRY_AFTER})

    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(DatabaseBusyError)
    async def _database(request: Request, error: Exception) -> Response:
        if not is_away(error):
            return await _unforeseen(request, error)
        log.warning("database away", path=request.url.path, error=type(error).__name__)
        return simple("database_away", 503, _language(request), {"Retry-After": RETRY_AFTER})

    @app.exception_handler(RequestValidationError)
    async def _request(request: Request, error: RequestValidationError) -> Response:
        if _is_another_kind_of_body(request, error):
            return simple("send_json", 415, _language(request))
        refusal = Refusal(code="invalid_fields", category=Category.INVALID, errors=field_errors(error.errors()))
        return problem_response(refusal, _language(request))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        code = _FRAMEWORK.get(error.status_code, "bad_value")
        if error.status_code == 400:
            code = "not_a_form" if _media_type(request) == "multipart/form-data" else "not_json"
        allow = allowed(app, request.url.path) if error.status_code == 405 else None
        return simple(code, error.status_code, _language(request), {"Allow": allow} if allow else error.headers)

    @app.exception_handler(Exception)
    async def _unforeseen(request: Request, error: Exception) -> Response:
        log.error("unforeseen", path=request.url.path, exc_info=error)
        return simple("internal_error", 500, _language(request))


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_another_kind_of_body(request: Request, error: RequestValidationError) -> bool:
    """Whether JSON was expected and something else came, such as what `curl -d` sends by itself."""
    kind = _media_type(request)
    as_json = kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
    return not as_json and any(tuple(one["loc"]) == ("body",) and one["type"] in _NO_OBJECT for one in error.errors())


def _language(request: Request) -> Language:
    return language_of(request.headers.get("accept-language"))


def bad_file(error: FileError) -> DomainError:
    """A file that cannot be taken, as a refusal that names the place."""
    pointer = f"/rows/{error.row}/{error.column or ''}" if error.row is not None else "/file"
    params = {"ja": error.ja, "en": error.en}
    at = FieldError(pointer=pointer, code="bad_file", params=params)
    return DomainError("bad_file", Category.INVALID, params=params, errors=(at,))
