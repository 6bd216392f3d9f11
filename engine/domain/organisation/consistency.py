"""Whether an organisation contradicts itself, which no import may let in. A place is a record and its field."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.domain.organisation.organisation import Organisation, Post, PostRole, UnitLevel

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_RESERVED = re.compile(r"system|spiral .*|service:.*", re.IGNORECASE)
"""Who acts in the record without being a person; nobody may be called so."""
Kind = Literal["units", "people", "posts"]


class Contradiction(BaseModel):
    """One place: which kind of record, the how-manieth (from 0), which field, and what is wrong."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    index: int
    field: str
    code: str
    value: str = ""


def contradictions(organisation: Organisation) -> tuple[Contradiction, ...]:
    """Every contradiction, in the order of the records; empty when it can be put in force."""
    return (*_units(organisation), *_people(organisation), *_posts(organisation))


def _units(organisation: Organisation) -> Iterator[Contradiction]:
    counted = Counter(unit.code for unit in organisation.units)
    tops = [index for index, unit in enumerate(organisation.units) if unit.level is UnitLevel.CITYWIDE]
    if len(tops) != 1:
        yield Contradiction(
            kind="units",
            index=tops[1] if tops else 0,
            field="level",
            code="exactly_one_citywide",
            value=str(len(tops)),
        )
    for index, unit in enumerate(organisation.units):
        if counted[unit.code] > 1:
            yield Contradiction(kind="units", index=index, field="code", code="stands_twice", value=unit.code)
        if unit.level is UnitLevel.CITYWIDE:
            if unit.parent_code:
                yield _parent(index, "citywide_has_no_parent", unit.parent_code)
            continue
        parent = organisation.unit(unit.parent_code or "")
        if parent is None:
            yield _parent(index, "unknown_unit", unit.parent_code or "")
        elif parent.level.rank <= unit.level.rank:
            yield _parent(index, "parent_is_not_above", parent.code)


def _parent(index: int, code: str, value: str) -> Contradiction:
    return Contradiction(kind="units", index=index, field="parent_code", code=code, value=value)


def _people(organisation: Organisation) -> Iterator[Contradiction]:
    counted = Counter(person.person_id for person in organisation.people)
    # one person's row that stands twice is one fault, not two
    addresses = Counter(email for _, email in {(one.person_id, one.email.casefold()) for one in organisation.people})
    for index, person in enumerate(organisation.people):
        if person.email and not _ADDRESS.fullmatch(person.email):
            yield Contradiction(kind="people", index=index, field="email", code="no_address", value=person.email)
        elif person.email and addresses[person.email.casefold()] > 1:  # whoever signs in by it must be one person
            yield Contradiction(kind="people", index=index, field="email", code="address_twice", value=person.email)
        if _RESERVED.fullmatch(person.person_id):
            yield Contradiction(
                kind="people", index=index, field="person_id", code="reserved_name", value=person.person_id
            )
        if counted[person.person_id] > 1:
            yield Contradiction(
                kind="people", index=index, field="person_id", code="stands_twice", value=person.person_id
            )


def _posts(organisation: Organisation) -> Iterator[Contradiction]:
    heads: dict[str, list[Post]] = {}
    for index, post in enumerate(organisation.posts):
        if organisation.person(post.person_id) is None:
            yield _post(index, "person_id", "unknown_person", post.person_id)
        if organisation.unit(post.unit_code) is None:
            yield _post(index, "unit_code", "unknown_unit", post.unit_code)
        if post.valid_from and post.valid_to and post.valid_to < post.valid_from:
            yield _post(index, "valid_to", "ends_before_it_starts", post.valid_to.isoformat())
        if post.role is PostRole.HEAD:
            others = heads.setdefault(post.unit_code, [])
            if any(_overlap(post, other) for other in others):
                yield _post(index, "role", "two_heads_at_once", post.unit_code)
            others.append(post)


def _post(index: int, field: str, code: str, value: str) -> Contradiction:
    return Contradiction(kind="posts", index=index, field=field, code=code, value=value)


def _overlap(one: Post, other: Post) -> bool:
    return (one.valid_from or date.min) <= (other.valid_to or date.max) and (other.valid_from or date.min) <= (
        one.valid_to or date.max
    )
