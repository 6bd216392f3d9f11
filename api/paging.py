"""Keyset paging: an opaque cursor names the last item, so that pages neither repeat nor skip while lists grow."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from engine.domain.errors import invalid_at
from engine.store.readers import Key, Lineage

Item = TypeVar("Item")
Limit = Annotated[int, Query(ge=1, le=200, description="at most 200")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before")]


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: Sequence[Item]
    next_cursor: str | None = Field(default=None, description="null on the last page")


def encoded(key: Sequence[str | int | float]) -> str:
    """A cursor."""
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def key_of(cursor: str | None) -> Key | None:
    """Time and id of the last item seen."""
    if cursor is None:
        return None
    try:
        at, name = _decoded(cursor)
        return datetime.fromisoformat(str(at)), str(name)
    except ValueError as error:
        raise invalid_at("?cursor", "bad_cursor") from error


def place_of(cursor: str | None) -> tuple[datetime, str, int] | None:
    """Time, id and number of the last item seen."""
    if cursor is None:
        return None
    try:
        at, name, number = _decoded(cursor)
        return datetime.fromisoformat(str(at)), str(name), int(number)
    except ValueError as error:
        raise invalid_at("?cursor", "bad_cursor") from error


def rank_of(cursor: str | None) -> tuple[float, str] | None:
    """Score and id of the last item seen in a list that is ordered by how well it matches."""
    if cursor is None:
        return None
    try:
        score, name = _decoded(cursor)
        return float(score), str(name)
    except ValueError as error:
        raise invalid_at("?cursor", "bad_cursor") from error


def stand_of(cursor: str | None) -> tuple[int, str, str] | None:
    """Where the last item stood in a list that is made of several: number of the list, instant, name."""
    if cursor is None:
        return None
    try:
        number, at, name = _decoded(cursor)
        return int(number), str(at), str(name)
    except ValueError as error:
        raise invalid_at("?cursor", "bad_cursor") from error


def number_of(cursor: str | None) -> int:
    """The last number seen; 0 before the first page."""
    if cursor is None:
        return 0
    try:
        return int(_decoded(cursor)[0])
    except (ValueError, IndexError) as error:
        raise invalid_at("?cursor", "bad_cursor") from error


def number_before(cursor: str | None) -> int | None:
    """The last number seen of a list that runs downwards; None before the first page."""
    number = number_of(cursor)
    if cursor is not None and number < 1:
        raise invalid_at("?cursor", "bad_cursor")
    return number or None


def next_of(found: Sequence[Lineage], limit: int) -> str | None:
    """The cursor after a page that was asked for with one item more than its limit."""
    if len(found) <= limit:
        return None
    last = found[limit - 1].state
    return encoded((last.created_at.isoformat(), last.cycle_id))


def _decoded(cursor: str) -> Sequence[str]:
    padded = cursor + "=" * (-len(cursor) % 4)
    found = json.loads(base64.urlsafe_b64decode(padded.encode()))
    if not isinstance(found, list):
        raise ValueError(cursor)  # noqa: TRY004 - one kind of error for one kind of mistake
    return found
