"""The roadmap as a wall: five pillars, the startups under them, what has been begun; and how editions differ."""

import asyncio
import json
from datetime import date
from typing import Annotated
from urllib.parse import quote, urlencode
from uuid import uuid4

from fastapi import Query
from pydantic import ValidationError
from starlette.responses import Response

from api.paging import Page
from api.problems import validated
from api.routes import roadmap as routes
from api.routes.roadmap import AskedReport, DifferenceView, EditionView, RoadmapView, StartupView
from api.web.answered import answered
from api.web.site import Context, Member, MemberVisit, Typed, pages_router, text_of
from api.web.words import N_, name_of
from engine.domain.errors import invalid_at
from engine.domain.organisation import Duty
from engine.domain.roadmap import UNPUBLISHED, Change, Edition, Governance, Pillar
from engine.domain.roadmap_progress import InitiativeProgress

router = pages_router()
SHOWN, WHOLE = 5, 50
"""Initiatives named under each startup, the newest first, and on each page of all of them."""
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
STATES = {
    "planned": (N_("planned"), "calm"),
    "due": (N_("due now"), "wait"),
    "late": (N_("late"), "stop"),
    "done": (N_("reached"), "done"),
}
"""States of a milestone: what they are called, and their tone."""


GRADES = {"A": N_("ahead"), "B": N_("on plan"), "C": N_("behind"), "D": N_("cannot be judged")}
"""What the grades of a milestone mean (field.md 3.3)."""


class Column(Context):
    """A pillar with its startups; without a pillar, startups by how they are led."""

    key: str
    name: str
    text: str | None
    startups: tuple[StartupView, ...]


class WallContext(Context):
    """The wall: `pillars` are its columns, `others` the startups for which no pillar is published."""

    view: RoadmapView
    title: str
    edition: Edition | None
    is_now: bool
    pillars: tuple[Column, ...]
    others: tuple[Column, ...]
    begun: int
    unpublished: frozenset[str]
    states: dict[str, tuple[str, str]]
    grades: dict[str, str]
    grade_options: tuple[tuple[str, str], ...]
    may_report: bool


class UnderContext(Context):
    """The initiatives under one startup."""

    code: str
    name: str
    initiatives: tuple[InitiativeProgress, ...]
    following: str | None


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


@router.get("/roadmap")
def wall(visit: Member, as_of: Annotated[str, Query(max_length=40)] = "") -> Response:
    """The edition in force, today or as of a past day."""
    day = _day(as_of)
    view = answered(routes.roadmap(visit.caller, visit.desk, day, SHOWN), RoadmapView)
    edition = visit.caller.facts.edition
    return visit.page(
        "roadmap.html",
        WallContext(
            view=view,
            title=(view.title_ja if visit.language == "ja" else view.title_en or view.title_ja) or view.id or "",
            edition=edition if edition is not None and edition.id == view.id else None,
            is_now=view.as_of == visit.caller.facts.today,
            pillars=tuple(_column(pillar, view, visit) for pillar in Pillar) if view.id else (),
            others=_others(view, visit),
            begun=sum(1 for one in view.startups if one.initiatives),
            unpublished=frozenset(UNPUBLISHED.values()),
            states=STATES,
            grades=GRADES,
            grade_options=tuple((grade, f"{grade} {visit.say(text)}") for grade, text in GRADES.items()),
            may_report=bool({Duty.DX_TEAM, Duty.ADMIN} & visit.caller.duties)
            and view.as_of == visit.caller.facts.today,
        ),
    )


@router.get("/roadmap/startups/{startup}")
def under(
    visit: Member,
    startup: str,
    as_of: Annotated[str, Query(max_length=40)] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """Every initiative under a startup, page by page."""
    asked = routes.initiatives_under(startup, visit.caller, visit.desk, _day(as_of), WHOLE, cursor)
    found = answered(asked, Page[InitiativeProgress])
    edition = visit.caller.facts.edition
    known = edition.startup(startup) if edition else None
    query = urlencode({"as_of": as_of, "cursor": found.next_cursor} if as_of else {"cursor": found.next_cursor or ""})
    return visit.page(
        "startup.html",
        UnderContext(
            code=startup,
            name=known.display_name(visit.language) if known else startup,
            initiatives=tuple(found.items),
            following=f"/roadmap/startups/{quote(startup, safe='')}?{query}" if found.next_cursor else None,
        ),
    )


@router.post("/roadmap/{startup}/{milestone}")
async def report(visit: Member, form: Typed, startup: str, milestone: str) -> Response:
    """Says how a milestone stands."""
    place = f"{startup}-{milestone}"
    given = {
        "grade": text_of(form, f"grade-{place}"),
        "note": text_of(form, f"note-{place}") or None,
        "done_on": text_of(form, f"done-{place}") or None,
    }
    try:
        asked = AskedReport.model_validate(given)
    except ValidationError as error:
        raise validated(error) from error
    await asyncio.to_thread(routes.report, startup, milestone, asked, visit.caller, visit.desk, uuid4().hex)
    return visit.to("/roadmap", N_("The report is kept."))


@router.get("/roadmap/editions")
def editions(
    visit: Member,
    a: Annotated[str, Query(max_length=80)] = "",
    b: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """Every edition, and what one says otherwise than another; unless asked, the newest against the one before."""
    found = tuple(answered(routes.editions(visit.caller, visit.desk), Page[EditionView]).items)
    if len(found) > 1:
        a, b = a or str(found[1].number), b or str(found[0].number)
    changes = None
    if a and b:
        compared = answered(routes.diff(a, b, visit.caller, visit.desk), DifferenceView)
        changes = tuple(change_line(one, visit) for one in compared.changes)
    return visit.page("editions.html", EditionsContext(editions=found, a=a, b=b, changes=changes))


def _steers(visit: MemberVisit) -> bool:
    return bool({Duty.DX_TEAM, Duty.ADMIN} & visit.caller.duties)


def change_line(change: Change, visit: MemberVisit) -> ChangeLine:
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


def _day(text: str) -> date | None:
    """An empty field means today."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise invalid_at("?as_of", "not_a_date") from error


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


def _column(pillar: Pillar, view: RoadmapView, visit: MemberVisit) -> Column:
    worded = next((one for one in view.pillars if one["code"] == pillar.value), None)
    own = (worded["name_ja"] if visit.language == "ja" else worded["name_en"]) if worded else ""
    return Column(
        key=pillar.value,
        name=own or name_of(pillar, visit.language),
        text=worded["text_ja"] if worded and visit.language == "ja" else None,
        startups=tuple(one for one in view.startups if one.pillar == pillar.value),
    )


def _others(view: RoadmapView, visit: MemberVisit) -> tuple[Column, ...]:
    columns = (
        Column(
            key=led.value,
            name=name_of(led, visit.language),
            text=None,
            startups=tuple(one for one in view.startups if one.pillar is None and one.governance == led.value),
        )
        for led in Governance
    )
    return tuple(one for one in columns if one.startups)
