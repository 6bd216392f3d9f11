"""What the library of models finds wrong, as pointers and stable codes of ours; none of its own words gets out."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from engine.domain.errors import Category, DomainError, FieldError
from engine.domain.text import printable

_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "json_invalid": "not_json",
    "enum": "not_a_choice",
    "literal_error": "not_a_choice",
    "union_tag_invalid": "not_a_choice",
    "union_tag_not_found": "missing",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "too_short",
    "too_short": "too_short",
    "date_parsing": "not_a_date",
    "date_from_datetime_parsing": "not_a_date",
    "date_from_datetime_inexact": "not_a_date",
    "date_type": "not_a_date",
    "not_a_date": "not_a_date",
    "string_pattern_mismatch": "bad_value",
    "string_unicode": "bad_value",
    "value_error": "bad_value",
    "bad_value": "bad_value",
    "out_of_range": "out_of_range",
    "finite_number": "out_of_range",
}
_SIDES = {"greater_than_equal": "ge", "less_than_equal": "le", "greater_than": "gt", "less_than": "lt"}
_KINDS = {
    "string": "string", "int": "int", "float": "number", "bool": "bool", "tuple": "list", "list": "list",
    "dict": "object", "model": "object", "model_attributes": "object", "mapping": "object", "file": "file",
}  # fmt: skip
_MORE = {
    "finite_number": {"why": "finite"},
    "string_unicode": {"why": "sign", "sign": "U+D800"},
}
_OURS = ("sign", "why", "limit", "first", "last", "pattern")
"""What our own types say beside their code."""


def field_errors(errors: Iterable[Mapping[str, Any]], at: str = "") -> tuple[FieldError, ...]:
    """A library's findings as ours.

    A list whose items are wrong is counted without them, so that it seems too short as well: that is left out.
    """
    found = tuple(_field_error(error, at) for error in errors)
    return tuple(
        one
        for one in found
        if one.code != "too_short" or not any(other.pointer.startswith(f"{one.pointer}/") for other in found)
    )


def validated(error: ValidationError, at: str = "") -> DomainError:
    """A model that did not fit, as a refusal."""
    return DomainError("invalid_fields", Category.INVALID, errors=field_errors(error.errors(), at))


def _field_error(error: Mapping[str, Any], at: str) -> FieldError:
    code, params = _code(str(error["type"]), error.get("ctx") or {}, str(error.get("msg", "")))
    return FieldError(pointer="" if code == "not_json" else _pointer(error["loc"], at), code=code, params=params)


def _pointer(loc: Iterable[Any], at: str) -> str:
    place = list(loc)
    source = place.pop(0) if place and place[0] in {"body", "query", "path", "header"} else "body"
    names = [printable(str(part)).replace("~", "~0").replace("/", "~1") for part in place]
    return at + "".join(f"/{name}" for name in names) if source == "body" else f"?{'.'.join(names)}"


def _code(kind: str, context: Mapping[str, Any], said: str) -> tuple[str, dict[str, str]]:
    code = "out_of_range" if kind in _SIDES else _CODES.get(kind, "wrong_type")
    if code == "bad_value" and "number_expected" in said:
        code, kind = "wrong_type", "float_type"
    match code:
        case "out_of_range" if kind in _SIDES:
            return code, {"why": _SIDES[kind], "limit": _number(context.get(_SIDES[kind], ""))}
        case "wrong_type":
            stem = kind.removesuffix("_type").removesuffix("_parsing").removesuffix("_parsing_size")
            return code, {"why": _KINDS.get(stem.removesuffix("_from_float"), "")}
        case "not_a_choice":
            expected = str(context.get("expected", context.get("expected_tags", "")))
            return code, {"expected": expected.replace(" or ", ", ")}
    return code, _MORE.get(kind) or _limits(context)


def _limits(context: Mapping[str, Any]) -> dict[str, str]:
    ours = {name: str(context[name]) for name in _OURS if name in context}
    limits = [_number(context[name]) for name in ("max_length", "min_length") if name in context]
    return ours or ({"limit": limits[0]} if limits else {})


def _number(value: object) -> str:
    return f"{value:,.15g}" if isinstance(value, float) else str(value)
