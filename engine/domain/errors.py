"""What can be wrong with a command: a stable code, a category, and the places.

Nothing here knows HTTP or Temporal; three edges (workflow, API, pages) translate a category into their own terms.
Sentences for people live at the edges, keyed by code, so the domain stays free of language.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict


class Category(StrEnum):
    """What kind of refusal this is, from the caller's point of view."""

    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    NOT_FOUND = "not_found"
    STALE = "stale"


class FieldError(BaseModel):
    """One wrong place: an RFC 6901 JSON pointer, a stable code, and the values its sentence needs."""

    model_config = ConfigDict(frozen=True)

    pointer: str
    code: str
    params: dict[str, str] = {}


class Refusal(BaseModel):
    """A refused command as data: what the workflow sends over the wire and the API turns into a problem."""

    model_config = ConfigDict(frozen=True)

    code: str
    category: Category
    params: dict[str, str] = {}
    errors: tuple[FieldError, ...] = ()


class DomainError(Exception):
    """A command that cannot be done; nothing has changed.

    Args:
        code: stable, snake_case, ends in the fact (`round_over`).
        category: see `Category`.
        params: values for the sentence, such as who decided instead and when.
        errors: the wrong fields, each with its pointer.
    """

    def __init__(
        self,
        code: str,
        category: Category,
        *,
        params: dict[str, str] | None = None,
        errors: Iterable[FieldError] = (),
    ) -> None:
        self.refusal = Refusal(code=code, category=category, params=params or {}, errors=tuple(errors))
        super().__init__(code)

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        """The same refusal as an exception again, after it has crossed a wire."""
        return cls(refusal.code, refusal.category, params=refusal.params, errors=refusal.errors)


def invalid(*errors: FieldError) -> DomainError:
    """Wrong fields, each named by its pointer."""
    return DomainError("invalid_fields", Category.INVALID, errors=errors)


def invalid_at(pointer: str, code: str, **params: str) -> DomainError:
    """One wrong field."""
    return invalid(FieldError(pointer=pointer, code=code, params=params))


def not_found(code: str, **params: str) -> DomainError:
    """Something the caller named that is not there."""
    return DomainError(code, Category.NOT_FOUND, params=params)


def conflict(code: str, **params: str) -> DomainError:
    """A command that does not fit what has happened meanwhile."""
    return DomainError(code, Category.CONFLICT, params=params)


def unprocessable(code: str, **params: str) -> DomainError:
    """A command that contradicts itself or an earlier one under the same key."""
    return DomainError(code, Category.INVALID, params=params)


def forbidden(code: str, **params: str) -> DomainError:
    """A command that is not this person's to give."""
    return DomainError(code, Category.FORBIDDEN, params=params)


NOT_RECORDED = Refusal(code="not_recorded", category=Category.INVALID)
"""The record can never hold it: a value that no column takes, a rule of the database, too many bytes."""
RECORD_OLDER = Refusal(code="record_older_than_engine", category=Category.CONFLICT)
"""The journal lacks events that the engine has: it was restored from before them, and nothing can follow on them."""
NOT_DECIDED = Refusal(code="not_decided", category=Category.INVALID)
"""Deciding it failed in a way that no rule foresaw; nothing has changed."""
NOT_LOOKED_UP = Refusal(code="not_looked_up", category=Category.CONFLICT)
"""What the command needs could not be looked up, though it was tried for minutes."""
