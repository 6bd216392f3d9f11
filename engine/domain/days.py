"""The one type of a day and the one of an instant: as ISO 8601 writes them, and near enough to compute with.

A number is no day: pydantic would read it as seconds since 1970. How a day is written is asked everywhere, since
nothing of ours was ever written otherwise; how far away it may lie only of what comes in, so that `9999-12-31` in an
old record stays readable.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from engine.domain.errors import FieldError

FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
"""What a day or an instant that comes in must lie between, both included."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6})?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)


def _day(value: Any) -> Any:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise PydanticCustomError("not_a_date", "must be a day such as 2027-04-01")


def _day_or_instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    return _day(value)


def _near(value: date) -> date:
    wrong = fault(value)
    if wrong is not None:
        raise PydanticCustomError("out_of_range", "too far away", dict(wrong.params))
    return value


def fault(value: date, pointer: str = "") -> FieldError | None:
    """Whether a day or an instant lies too far away; None when it may be written."""
    if FIRST.year <= value.year <= LAST.year:
        return None
    params = {"why": "days", "first": FIRST.isoformat(), "last": LAST.isoformat()}
    return FieldError(pointer=pointer, code="out_of_range", params=params)


Day = Annotated[date, BeforeValidator(_day)]
"""A day as it is written; wherever models read one."""
DayOrInstant = Annotated[date | datetime, BeforeValidator(_day_or_instant)]
"""A day, or an instant with its offset."""
NearDay = Annotated[date, AfterValidator(_near), BeforeValidator(_day), Field(description="2000-01-01 to 2199-12-31")]
"""A day that comes in: in a body, a query, a file."""
NearDayOrInstant = Annotated[date | datetime, AfterValidator(_near), BeforeValidator(_day_or_instant)]
