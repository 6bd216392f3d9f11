"""The roadmap's editions, and how one differs from another, field by field in the reader's words."""

import json
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.schemas.roadmap import EditionView
from api.services.city import roadmap as service
from api.web.format.gettext import N_, name_of
from api.web.frame.page import Context, Member, MemberVisit, pages_router
from engine.domain.roadmap import EditionChange

router = pages_router()
FIELDS = {
    "code": N_("Code"),
    "declaration": N_("Declaration"),
    "due": N_("Due"),
    "governance": N_("Governance"),
    "id": N_("Edition"),
    "name": N_("Name"),
    "name_en": N_("English name"),
    "name_ja": N_("Japanese name"),
    "overview": N_("Overview"),
    "pillar": N_("Pillar"),
    "published": N_("Published"),
    "replaces": N_("Continues"),
    "source": N_("Source"),
    "text_ja": N_("Japanese text"),
    "title_en": N_("English title"),
    "title_ja": N_("Japanese title"),
    "updated": N_("Updated"),
}
THINGS = {
    "edition": N_("Edition"),
    "pillar": N_("Pillar"),
    "startup": N_("Startup"),
    "milestone": N_("Milestone"),
}
KINDS = {
    "added": (N_("new"), "done"),
    "removed": (N_("gone"), "stop"),
    "changed": (N_("changed"), "wait"),
}


class FieldLine(Context):
    """One field of a difference, in words."""

    name: str
    before: str | None
    after: str | None


class ChangeLine(Context):
    """One difference, in words."""

    what: str
    code: str
    kind: str
    tone: str
    fields: tuple[FieldLine, ...]


class EditionsContext(Context):
    """Every edition; `changes` is None while there are not two to compare."""

    editions: tuple[EditionView, ...]
    a: str
    b: str
    changes: tuple[ChangeLine, ...] | None


@router.get("/roadmap/editions")
def editions(
    visit: Member,
    a: Annotated[str, Query(max_length=80)] = "",
    b: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """Every edition, and what one says otherwise than another; unless asked, the newest against the one before."""
    found = tuple(service.editions(visit.desk).items)
    if len(found) > 1:
        a, b = a or str(found[1].number), b or str(found[0].number)
    changes = None
    if a and b:
        compared = service.diff(a, b, visit.desk)
        changes = tuple(change_line(one, visit) for one in compared.changes)
    return visit.page("editions.html", EditionsContext(editions=found, a=a, b=b, changes=changes))


def change_line(change: EditionChange, visit: MemberVisit) -> ChangeLine:
    """A difference between two editions in the reader's words."""
    kind, tone = KINDS[change.kind]
    return ChangeLine(
        what=visit.say(THINGS[change.what]),
        code=change.code,
        kind=visit.say(kind),
        tone=tone,
        fields=tuple(
            FieldLine(
                name=visit.say(FIELDS[one.field]) if one.field in FIELDS else one.field,
                before=_value(one.field, one.before, visit),
                after=_value(one.field, one.after, visit),
            )
            for one in change.changes
        ),
    )


def _value(field: str, value: str | None, visit: MemberVisit) -> str | None:
    kinds = {"governance": "Governance", "pillar": "Pillar"}
    if value is None or field not in kinds:
        return _flat(value)
    return name_of(value, visit.language, kinds[field])


def _flat(value: str | None) -> str | None:
    """A list or a group of texts as one line."""
    if value is None or value[:1] not in {"[", "{"}:
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return " · ".join(str(one) for one in (found.values() if isinstance(found, dict) else found))
