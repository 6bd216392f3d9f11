"""The kinds of things that stand in an address or a header, each bounded by what can be written or looked up."""

import re
from datetime import date
from typing import Annotated

from fastapi import Path, Query, Request
from pydantic import TypeAdapter, ValidationError

from engine.domain.days import NearDay
from engine.domain.errors import FieldError, invalid, invalid_at, not_found
from engine.domain.text import forbidden, printable

LARGEST = 2**31 - 1
"""What a whole number of both databases holds."""
Number = Annotated[int, Path(ge=0, le=LARGEST)]
"""A number in a path: the n-th of something."""
Search = Annotated[str | None, Query(max_length=200, description="words; all must be found")]
CodeAsked = Annotated[str | None, Query(max_length=64)]
"""A unit, a startup, a person."""
IdAsked = Annotated[str | None, Query(max_length=120)]
"""A cycle, a case."""
AsOf = Annotated[NearDay | None, Query(description="the end of that day; today when left out")]
IDENTIFIER = r"^[^\s/\\?#<>\"'{}|^`]{1,200}$"
"""How whatever stands in a path is written: an id, a code or a name, without blanks, slashes, quotes or brackets."""
_IDENTIFIER = re.compile(IDENTIFIER)
_DAYS: TypeAdapter[date] = TypeAdapter(NearDay)
_DIGITS = re.compile(r"[0-9]{1,10}")


def whole_number(text: str) -> int | None:
    """The number that ASCII digits write, if a database can hold it; else None."""
    number = int(text) if _DIGITS.fullmatch(text) else None
    return number if number is not None and number <= LARGEST else None


def day_of(text: str, name: str) -> date | None:
    """The day that the query parameter `name` of a page says; None when it is empty.

    Raises:
        DomainError: it is no day, or too far away.
    """
    try:
        return _DAYS.validate_python(text) if text else None
    except ValidationError as error:
        kind = error.errors()[0]
        raise invalid_at(f"?{name}", str(kind["type"]), **kind.get("ctx", {})) from error


def only_text(request: Request) -> None:
    """Refuses an address that holds what no text may, or no identifier: nothing with that name can be there.

    Raises:
        DomainError: `not_found` for a path; for a query the names of the parameters.
    """
    named = (value for value in request.path_params.values() if isinstance(value, str))
    if not all(_IDENTIFIER.fullmatch(value) and not forbidden(value) for value in named):
        raise not_found("not_found")
    wrong = [(name, forbidden(name) or forbidden(value)) for name, value in request.query_params.multi_items()]
    errors = [
        FieldError(pointer=f"?{printable(name)}", code="bad_value", params={"why": "sign", "sign": sign})
        for name, sign in wrong
        if sign is not None
    ]
    if errors:
        raise invalid(*errors)
