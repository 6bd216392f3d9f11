"""Figures count everything and name only what the reader may see: names of other cycles are taken out of an answer.

What stands for one cycle has a `cycle_id`, what stands for an initiative is an `InitiativeProgress`. A model with a
field `unnamed` says how many are not named.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from api.auth import Caller
from api.container import Desk
from engine.domain.analytics.history import Moment
from engine.domain.analytics.quality import QualityFigures
from engine.domain.analytics.startup_progress import InitiativeProgress

Found = TypeVar("Found")


def named(found: Found, caller: Caller, desk: Desk) -> Found:
    """The same without the names of what the caller may not read."""
    cycles, initiatives = set[str](), set[str]()
    for kind, name in _things(found):
        (initiatives if kind is InitiativeProgress else cycles).add(name)
    hidden = cycles - desk.reader.readable(cycles, caller.clearance)
    hidden |= initiatives - desk.reader.readable_initiatives(initiatives, caller.clearance)
    return _Without(hidden).of(found) if hidden else found


def quality_named(found: QualityFigures, caller: Caller, desk: Desk) -> QualityFigures:
    """Like `named`, also without words of returns, and for people left behind, that the caller may not read."""
    found = named(found, caller, desk)
    secret = desk.reader.hidden_reasons(caller.clearance)
    reasons = tuple(one for one in found.returns.reasons if one.key not in secret)
    hidden = desk.reader.hidden_groups(caller.clearance)
    groups = tuple(one for one in found.left_behind.groups if one.key not in hidden)
    return found.model_copy(
        update={
            "returns": found.returns.model_copy(update={"reasons": reasons}),
            "left_behind": found.left_behind.model_copy(update={"groups": groups}),
        }
    )


def _fields(value: object) -> tuple[str, ...]:
    """The names of what a model or a named tuple is made of; none for anything else."""
    if isinstance(value, BaseModel):
        return tuple(type(value).model_fields)
    return tuple(getattr(value, "_fields", ())) if isinstance(value, tuple) else ()


def _thing(value: object) -> tuple[type, str] | None:
    if isinstance(value, InitiativeProgress):
        return InitiativeProgress, value.id
    name = getattr(value, "cycle_id", None) if isinstance(value, BaseModel | Moment) else None
    return (type(value), name) if isinstance(name, str) else None


def _things(value: object) -> Iterator[tuple[type, str]]:
    if (found := _thing(value)) is not None:
        yield found
    elif names := _fields(value):
        for name in names:
            yield from _things(getattr(value, name))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _things(one)


class _Without:
    """Takes out what is hidden, and counts it."""

    def __init__(self, hidden: set[str]) -> None:
        self._hidden = hidden
        self._count = 0

    def of(self, value: Any) -> Any:
        names = _fields(value)
        if isinstance(value, tuple | list) and not names:
            return type(value)(self.of(one) for one in value if not self._is_hidden(one))
        if not names or _thing(value) is not None:
            return value
        before, changed = self._count, dict[str, Any]()
        for name in names:
            held = getattr(value, name)
            if (new := None if self._is_hidden(held) else self.of(held)) is not held:
                changed[name] = new
        if "unnamed" in names:
            changed["unnamed"] = self._count - before
        if not changed:
            return value
        return value.model_copy(update=changed) if isinstance(value, BaseModel) else value._replace(**changed)

    def _is_hidden(self, value: object) -> bool:
        found = _thing(value)
        hidden = found is not None and found[1] in self._hidden
        self._count += hidden
        return hidden
