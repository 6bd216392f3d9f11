"""A whole command, deliverable or request before it is decided: may each of its texts and days be written at all?

Also whether a decision carries what belongs to another one.

Asked wherever something comes in for the first time (the door, the validator of an Update, the look-up for a
signal), never of events and never while a history is replayed: what was accepted once is accepted for ever.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import BaseModel

from engine.domain import days, text
from engine.domain.cycle.commands import LOOKED_UP, Command, Decide, SaveDraft
from engine.domain.errors import FieldError, invalid, invalid_at
from engine.domain.text import CODE, WORDS, Limits, printable

Value = TypeVar("Value")
COMMAND_ID = Limits(255, one_line=True)
MOST = 20
"""Places that one refusal names."""
LARGEST_DELIVERABLE = 200_000
"""Bytes of one step's form as JSON. A cycle holds four of them, and its whole state crosses the wire in one payload,
of which the engine takes two million bytes at most."""


def normal(value: Value) -> Value:
    """The same with LF for every line end, however deep it stands."""
    changed: Any = value
    match value:
        case Enum():
            pass
        case str():
            changed = text.normal(value)
        case float():
            changed = 0.0 if value == 0.0 and math.copysign(1, value) < 0 else value  # no figure is -0
        case BaseModel():
            items = ((name, getattr(value, name)) for name in type(value).model_fields)
            fresh = {name: new for name, old in items if (new := normal(old)) is not old}
            changed = value.model_copy(update=fresh) if fresh else value
        case tuple() | list():
            changed = type(value)(normal(one) for one in value)
            changed = changed if any(new is not old for new, old in zip(changed, value, strict=True)) else value
        case dict():
            changed = {name: normal(one) for name, one in value.items()}
    return changed  # type: ignore[no-any-return]


def faults(
    value: object, at: str = "", limits: Limits = WORDS, besides: frozenset[str] = frozenset()
) -> list[FieldError]:
    """Every text and day that may not be written, each with its pointer; line ends are normal already.

    Args:
        value: a model, or plain JSON.
        at: the pointer of `value` itself.
        limits: of a text that its field says nothing about.
        besides: fields of `value` that nobody sent.
    """
    return list(_faults(value, at, limits, besides))


def readable(command: Command) -> Command:
    """The command with normal line ends.

    Raises:
        DomainError: `invalid_fields`: something in it could never be written.
    """
    plain = command.model_copy(update={"body": normal(command.body)})
    refuse_unwritable(plain)
    return plain


def refuse_unwritable(command: Command) -> None:
    """Refuses what could never be written, and a decision with another one's fields.

    Raises:
        DomainError: `invalid_fields`, with every such place.
    """
    body = command.body
    if isinstance(body, Decide) and (misplaced := body.misplaced()):
        raise invalid(*misplaced)
    sent = body.deliverable if isinstance(body, SaveDraft) else body
    if isinstance(body, SaveDraft):
        size = len(body.deliverable.model_dump_json().encode())
        if size > LARGEST_DELIVERABLE:
            raise invalid_at("", "deliverable_too_large", kilobytes=str(-(-size // 1000)))
    found = faults(sent, besides=frozenset() if sent is not body else frozenset(LOOKED_UP))
    found += envelope_faults(command)
    if found:
        raise invalid(*found[:MOST])


def envelope_faults(command: Command) -> list[FieldError]:
    """What is wrong with a command's own id and sender, which every event of it would carry."""
    asked = (text.fault(command.id, COMMAND_ID, "/id"), text.fault(command.actor, CODE, "/actor"))
    return [one for one in asked if one is not None]


def _faults(value: object, at: str, limits: Limits, besides: frozenset[str] = frozenset()) -> Iterator[FieldError]:
    found: FieldError | None = None
    match value:
        case Enum():
            pass
        case str():
            found = text.fault(value, limits, at)
        case date():
            found = days.fault(value, at)
        case BaseModel():
            kind = type(value)
            for name, info in kind.model_fields.items():
                if name not in besides:
                    inside = _marked(kind).get(name, limits)
                    yield from _faults(getattr(value, name), f"{at}/{info.alias or name}", inside)
        case tuple() | list():
            for index, one in enumerate(value):
                yield from _faults(one, f"{at}/{index}", limits)
        case Mapping():
            for name, one in value.items():
                plain = printable(str(name)).replace("~", "~0").replace("/", "~1")
                yield from _faults(one, f"{at}/{plain}", limits)
    if found is not None:
        yield found


@cache
def _marked(model: type[BaseModel]) -> Mapping[str, Limits]:
    """The limits that a model's fields are marked with, by name."""
    marks: dict[str, Limits] = {}
    for name, info in model.model_fields.items():
        found = next((one for one in (*info.metadata, *_inside(info.annotation)) if isinstance(one, Limits)), None)
        if found is not None:
            marks[name] = found
    return marks


def _inside(annotation: Any) -> Iterator[Any]:
    for one in get_args(annotation):
        yield one
        yield from getattr(one, "__metadata__", ())
        yield from _inside(one)
