"""What differs between two submissions of a step, field by field, as a reader would say it.

Items of a list are matched by their code where they have one; other items by what they say, so that one that moved is
no difference and one that was reworded is a change, not a removal and an addition.
"""

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from engine.domain.base import Frozen
from engine.domain.deliverables import Deliverable
from engine.domain.deliverables.required import is_empty
from engine.domain.review.key_fields import key_fields

_CODES = ("code", "metric")
"""Fields that name an item for good, the first that all items of both lists have."""
_ALIKE = 0.4
"""From this likeness on (0 to 1) an item counts as reworded."""
_COMPARED = 24
"""Leftover items of a list that are compared with each other; beyond, they are paired in order."""


class ChangeKind(StrEnum):
    """What became of a place."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class FieldDifference(Frozen):
    """One place that differs.

    Args:
        pointer: RFC 6901, into the later deliverable; into the earlier one for what was removed.
        before: plain JSON; None when added.
        after: plain JSON; None when removed.
        key_field: whether approvals rest on it (`engine.domain.review.key_fields`), so that a change asks all of
        them again.
    """

    pointer: str
    kind: ChangeKind
    before: Any = None
    after: Any = None
    key_field: bool = False


def difference(before: Deliverable, after: Deliverable) -> tuple[FieldDifference, ...]:
    """Every difference between two deliverables of one step, in the order of the form.

    Raises:
        ValueError: they belong to different steps.
    """
    if type(before) is not type(after):
        raise ValueError("deliverables of different steps")
    old, new = (one.model_dump(mode="json", by_alias=True) for one in (before, after))
    keys = key_fields(after)
    return tuple(
        change.model_copy(update={"key_field": name in keys})
        for name in new
        for change in _compared(f"/{_escaped(name)}", old.get(name), new[name])
    )


def _compared(pointer: str, old: Any, new: Any) -> Iterator[FieldDifference]:
    if old == new or (_nothing(old) and _nothing(new)):
        return
    match old, new:
        case dict(), dict():
            for name in dict.fromkeys((*new, *old)):
                yield from _compared(f"{pointer}/{_escaped(name)}", old.get(name), new.get(name))
        case list(), list():
            yield from _lists(pointer, old, new)
        case _ if _nothing(old):
            yield FieldDifference(pointer=pointer, kind=ChangeKind.ADDED, after=new)
        case _ if _nothing(new):
            yield FieldDifference(pointer=pointer, kind=ChangeKind.REMOVED, before=old)
        case _:
            yield FieldDifference(pointer=pointer, kind=ChangeKind.CHANGED, before=old, after=new)


def _lists(pointer: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[FieldDifference]:
    partner = _partners(old, new)
    for index, item in enumerate(new):
        if index in partner:
            yield from _compared(f"{pointer}/{index}", old[partner[index]], item)
        else:
            yield FieldDifference(pointer=f"{pointer}/{index}", kind=ChangeKind.ADDED, after=item)
    for index in sorted(set(range(len(old))) - set(partner.values())):
        yield FieldDifference(pointer=f"{pointer}/{index}", kind=ChangeKind.REMOVED, before=old[index])


def _partners(old: Sequence[Any], new: Sequence[Any]) -> dict[int, int]:
    """For an index of the later list, the index of the same item in the earlier one."""
    for name in _CODES:
        before, after = _by(name, old), _by(name, new)
        if before is not None and after is not None:
            return {index: before[code] for code, index in after.items() if code in before}
    partner: dict[int, int] = {}
    left = list(range(len(old)))
    for index, item in enumerate(new):
        same = next((one for one in left if old[one] == item), None)
        if same is not None:
            partner[index] = same
            left.remove(same)
    fresh = [index for index in range(len(new)) if index not in partner]
    if max(len(left), len(fresh)) > _COMPARED:
        return partner | dict(zip(fresh, left, strict=False))
    alike = sorted((-_likeness(old[one], new[index]), index, one) for index in fresh for one in left)
    for score, index, one in alike:
        if -score >= _ALIKE and index not in partner and one in left:
            partner[index] = one
            left.remove(one)
    return partner


def _by(name: str, items: Sequence[Any]) -> dict[str, int] | None:
    """Items by a code, if each has its own."""
    codes = [item.get(name) if isinstance(item, dict) else None for item in items]
    return {str(code): index for index, code in enumerate(codes)} if None not in codes and _distinct(codes) else None


def _distinct(codes: Sequence[Any]) -> bool:
    return len(set(codes)) == len(codes)


def _likeness(old: Any, new: Any) -> float:
    return SequenceMatcher(None, _text(old), _text(new), autojunk=False).quick_ratio()


def _text(value: Any) -> str:
    """What an item says, without the names of its fields, which all items share."""
    if isinstance(value, dict):
        return " ".join(_text(one) for one in value.values() if not _nothing(one))[:1000]
    return value[:1000] if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:1000]


def _nothing(value: Any) -> bool:
    return is_empty(value) or value == []


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
