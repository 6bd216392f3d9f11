"""Keyset paging: an opaque cursor names the last item, so that pages neither repeat nor skip while lists grow."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from api.http.parameters import LARGEST
from engine.contracts.lists import CycleKey, Lineage
from engine.domain.days import fault as days_fault
from engine.domain.errors import DomainError, invalid_at
from engine.domain.text import NAME
from engine.domain.text import fault as text_fault

Item = TypeVar("Item")
FARTHEST = 1e12
"""Beyond any score of a search."""
Limit = Annotated[int, Query(ge=1, le=200, description="at most 200")]
Cursor = Annotated[
    str | None,
    Query(
        max_length=400,
        json_schema_extra={"pattern": "^[A-Za-z0-9_-]+$"},
        description="`next_cursor` of the page before, and nothing else",
    ),
]


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: Sequence[Item]
    next_cursor: str | None = Field(default=None, description="null on the last page")


def encoded(key: Sequence[str | int | float]) -> str:
    """A cursor."""
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def key_of(cursor: str | None) -> CycleKey | None:
    """Time and id of the last item seen."""
    if cursor is None:
        return None
    at, name = _decoded(cursor, 2)
    return _instant(at), _name(name)


def place_of(cursor: str | None) -> tuple[datetime, str, int] | None:
    """Time, id and number of the last item seen."""
    if cursor is None:
        return None
    at, name, number = _decoded(cursor, 3)
    return _instant(at), _name(name), _whole(number)


def rank_of(cursor: str | None) -> tuple[float, str] | None:
    """Score and id of the last item seen in a list that is ordered by how well it matches."""
    if cursor is None:
        return None
    score, name = _decoded(cursor, 2)
    if isinstance(score, bool) or not isinstance(score, int | float) or not abs(score) < FARTHEST:
        raise _bad()
    return float(score), _name(name)


def stand_of(cursor: str | None) -> tuple[int, str, str] | None:
    """Where the last item stood in a list that is made of several: number of the list, instant, name."""
    if cursor is None:
        return None
    number, at, name = _decoded(cursor, 3)
    return _whole(number), _instant(at).isoformat(timespec="microseconds"), _name(name)


def number_of(cursor: str | None) -> int:
    """The last number seen; 0 before the first page."""
    return 0 if cursor is None else _whole(_decoded(cursor, 1)[0])


def number_before(cursor: str | None) -> int | None:
    """The last number seen of a list that runs downwards; None before the first page."""
    number = number_of(cursor)
    if cursor is not None and number < 1:
        raise _bad()
    return number or None


def next_of(found: Sequence[Lineage], limit: int) -> str | None:
    """The cursor after a page that was asked for with one item more than its limit."""
    return next_key([(one.state.created_at, one.state.cycle_id) for one in found], limit)


def next_key(found: Sequence[CycleKey], limit: int) -> str | None:
    """The same of keys alone."""
    if len(found) <= limit:
        return None
    created_at, name = found[limit - 1]
    return encoded((created_at.isoformat(), name))


def _decoded(cursor: str, parts: int) -> list[object]:
    """What a cursor holds. Anybody may send anything, so each part is looked at before it is used."""
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise _bad() from error
    if not isinstance(found, list) or len(found) != parts:
        raise _bad()
    return found


def _instant(value: object) -> datetime:
    """An aware instant that both databases can hold, as UTC."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        if at is None or at.tzinfo is None:
            raise _bad()
        at = at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _bad() from error
    if days_fault(at) is not None:
        raise _bad()
    return at


def _name(value: object) -> str:
    if not isinstance(value, str) or text_fault(value, NAME) is not None:
        raise _bad()
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise _bad()
    return value


def _bad() -> DomainError:
    return invalid_at("?cursor", "bad_cursor")
