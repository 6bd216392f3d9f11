"""Every refusal as RFC 9457 `application/problem+json`: from the domain, from the framework, from nowhere."""

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.auth import NotSignedInError
from api.gateway import EngineAwayError
from api.sentences import Language, language_of, sentence
from engine.domain.errors import Category, DomainError, FieldError, Refusal

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
_PYDANTIC = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "json_invalid": "not_json",
    "enum": "not_a_choice",
    "literal_error": "not_a_choice",
    "union_tag_invalid": "not_a_choice",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "too_short",
    "too_short": "too_short",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "greater_than": "out_of_range",
    "less_than": "out_of_range",
    "finite_number": "out_of_range",
    "date_parsing": "not_a_date",
    "date_from_datetime_parsing": "not_a_date",
    "date_from_datetime_inexact": "not_a_date",
    "string_pattern_mismatch": "bad_value",
    "value_error": "bad_value",
}
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
                    "detail": "Some fields are wrong; see errors.",
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


def simple(code: str, status: int, language: Language, headers: Mapping[str, str] | None = None) -> Response:
    """A refusal that no rule of the domain made."""
    return problem_response(Refusal(code=code, category=Category.INVALID), language, status, headers)


def field_errors(errors: Iterable[Mapping[str, Any]], at: str = "") -> tuple[FieldError, ...]:
    """Pydantic's findings as pointers and stable codes."""
    return tuple(_field_error(error, at) for error in errors)


def validated(error: ValidationError, at: str = "") -> DomainError:
    """A model that did not fit, as a refusal."""
    return DomainError("invalid_fields", Category.INVALID, errors=field_errors(error.errors(), at))


def _field_error(error: Mapping[str, Any], at: str) -> FieldError:
    kind, context = str(error["type"]), error.get("ctx") or {}
    place = list(error["loc"])
    source = place.pop(0) if place and place[0] in {"body", "query", "path", "header"} else "body"
    names = [str(part).replace("~", "~0").replace("/", "~1") for part in place]
    pointer = f"?{'.'.join(names)}" if source in {"query", "path", "header"} else at + "".join(f"/{n}" for n in names)
    limits = [str(context[name]) for name in ("max_length", "min_length", "ge", "le", "gt", "lt") if name in context]
    params = {"limit": limits[0]} if limits else {}
    code = _PYDANTIC.get(kind, "wrong_type")
    if code == "not_json":
        pointer = ""
    if code == "not_a_choice":
        params = {"expected": str(context.get("expected", context.get("expected_tags", "")))}
    if code == "wrong_type":
        params = {"expected": kind.removesuffix("_type").removesuffix("_parsing")}
    if code == "bad_value" and "number_expected" in str(error.get("msg", "")):
        code, params = "wrong_type", {"expected": "number"}
    return FieldError(pointer=pointer, code=code, params=params)


def install(app: FastAPI) -> None:
    """Makes every error of the application a problem."""

    @app.exception_handler(DomainError)
    async def _domain(request: Request, error: DomainError) -> Response:
        if isinstance(error, NotSignedInError):
            return problem_response(error.refusal, _language(request), 401, {"WWW-Authenticate": "Bearer"})
        return problem_response(error.refusal, _language(request))

    @app.exception_handler(EngineAwayError)
    async def _away(request: Request, error: EngineAwayError) -> Response:
        return simple(error.code, 503, _language(request), {"Retry-After": RETRY_AFTER})

    @app.exception_handler(RequestValidationError)
    async def _request(request: Request, error: RequestValidationError) -> Response:
        refusal = Refusal(code="invalid_fields", category=Category.INVALID, errors=field_errors(error.errors()))
        return problem_response(refusal, _language(request))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        code = _FRAMEWORK.get(error.status_code, "bad_value")
        return simple(code, error.status_code, _language(request), error.headers)

    @app.exception_handler(Exception)
    async def _unforeseen(request: Request, error: Exception) -> Response:
        log.error("unforeseen", path=request.url.path, exc_info=error)
        return simple("internal_error", 500, _language(request))


def _language(request: Request) -> Language:
    return language_of(request.headers.get("accept-language"))
