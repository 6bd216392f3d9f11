"""The roadmap as one wall: five pillars across, each startup under its own, with what has been begun there.

A startup that names no pillar (the city published no mapping) is a row across all five; what has been begun under it
stands where it meets the pillar that the initiative itself names.
"""

import asyncio
from datetime import date
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Query
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.http.parameters import day_of
from api.schemas.roadmap import AskedReport, RoadmapView, StartupView
from api.services.city import roadmap as service
from api.web.format.gettext import N_, name_of
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, Member, MemberVisit, pages_router, text_of
from engine.domain.analytics.startup_progress import InitiativeProgress, Wall
from engine.domain.model_faults import validated
from engine.domain.organisation.organisation import Duty
from engine.domain.roadmap import UNPUBLISHED, Edition, Governance, Pillar
from engine.language.catalogues import Language

router = pages_router()
_REPORT = tuple(f"{name}-{{startup}}-{{milestone}}" for name in ("grade", "note", "done"))
SHOWN, WHOLE = 5, 50
"""Initiatives named under each startup, the newest first, and on each page of all of them."""
STATES = {
    "planned": (N_("planned"), "calm"),
    "due": (N_("due now"), "wait"),
    "late": (N_("late"), "stop"),
    "done": (N_("reached"), "done"),
}
"""States of a milestone: what they are called, and their tone."""


GRADES = {"A": N_("ahead"), "B": N_("on plan"), "C": N_("behind"), "D": N_("cannot be judged")}
"""What the grades of a milestone mean (docs/field/measuring.md)."""


class Begun(Context):
    """Initiatives of one startup that name the same pillar; `pillar` is None for those that name none."""

    pillar: str | None
    initiatives: tuple[InitiativeProgress, ...]


class WallRow(Context):
    """A startup on the wall; `hours` is what its initiatives added, None while nothing is measured."""

    startup: StartupView
    led: str
    begun: tuple[Begun, ...]
    hours: float | None


class PillarBand(Context):
    """The startups without a pillar of their own that are led the same way."""

    key: str
    name: str
    rows: tuple[WallRow, ...]


class Column(Context):
    """A pillar with the startups that name it, those across agencies first, and what it counts."""

    key: str
    name: str
    text: str | None
    initiatives: int
    hours: float | None
    rows: tuple[WallRow, ...]


class WallContext(Context):
    """The wall."""

    view: RoadmapView
    title: str
    edition: Edition | None
    is_now: bool
    pillars: tuple[Column, ...]
    bands: tuple[PillarBand, ...]
    begun: int
    goals: int
    goals_done: int
    goals_late: int
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


@router.get("/roadmap")
def wall(visit: Member, as_of: Annotated[str, Query(max_length=40)] = "") -> Response:
    """The edition in force, today or as of a past day."""
    return visit.page("roadmap.html", _context(day_of(as_of, "as_of"), visit))


def _context(day: date | None, visit: MemberVisit) -> WallContext:
    view = service.roadmap(visit.caller, visit.desk, day, SHOWN)
    edition, today = visit.caller.facts.edition, visit.caller.facts.today
    known = service.wall(visit.caller, visit.desk, day)
    goals = [goal.state for one in view.startups for goal in one.milestones]
    order = list(Governance)
    startups = sorted(view.startups, key=lambda one: order.index(Governance(one.governance)))
    rows = tuple(_row(one, known, visit.language) for one in startups)
    return WallContext(
        view=view,
        title=(view.title_ja if visit.language == "ja" else view.title_en or view.title_ja) or view.id or "",
        edition=edition if edition is not None and edition.id == view.id else None,
        is_now=view.as_of == today,
        pillars=tuple(
            _column(pillar, view, known, visit, tuple(row for row in rows if row.startup.pillar == pillar.value))
            for pillar in Pillar
        )
        if view.id
        else (),
        bands=tuple(
            PillarBand(
                key=led.value,
                name=name_of(led, visit.language),
                rows=tuple(row for row in rows if row.startup.pillar is None and row.startup.governance == led.value),
            )
            for led in Governance
        ),
        begun=sum(1 for one in view.startups if one.initiatives),
        goals=len(goals),
        goals_done=sum(one == "done" for one in goals),
        goals_late=sum(one == "late" for one in goals),
        unpublished=frozenset(UNPUBLISHED.values()),
        states=STATES,
        grades=GRADES,
        grade_options=tuple((grade, f"{grade} {visit.say(text)}") for grade, text in GRADES.items()),
        may_report=bool({Duty.DX_TEAM, Duty.ADMIN} & visit.caller.duties) and view.as_of == today,
    )


@router.get("/roadmap/startups/{startup}")
def under(
    visit: Member,
    startup: str,
    as_of: Annotated[str, Query(max_length=40)] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """Every initiative under a startup, page by page."""
    day = day_of(as_of, "as_of")
    found = service.initiatives_under(startup, visit.caller, visit.desk, as_of=day, limit=WHOLE, cursor=cursor)
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
async def report(
    visit: Member,
    form: Annotated[FormData, takes(*_REPORT)],
    startup: str,
    milestone: str,
) -> Response:
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
    await asyncio.to_thread(service.report, startup, milestone, asked, visit.caller, visit.desk, visit.form_key())
    return visit.to("/roadmap", N_("The report is kept."))


def _row(startup: StartupView, known: Wall, language: Language) -> WallRow:
    places = {one.id: one.pillar for one in startup.initiatives}
    return WallRow(
        startup=startup,
        led=name_of(Governance(startup.governance), language),
        begun=tuple(
            Begun(pillar=key, initiatives=tuple(one for one in startup.initiatives if places[one.id] == key))
            for key in sorted(set(places.values()), key=lambda key: (key is None, key or ""))
        ),
        hours=known.hours_of_startup.get(startup.code),
    )


def _column(pillar: Pillar, view: RoadmapView, known: Wall, visit: MemberVisit, rows: tuple[WallRow, ...]) -> Column:
    worded = next((one for one in view.pillars if one["code"] == pillar.value), None)
    own = (worded["name_ja"] if visit.language == "ja" else worded["name_en"]) if worded else ""
    return Column(
        key=pillar.value,
        name=own or name_of(pillar, visit.language),
        text=worded["text_ja"] if worded and visit.language == "ja" else None,
        initiatives=known.initiatives_in_pillar.get(pillar.value, 0),
        hours=known.hours_in_pillar.get(pillar.value),
        rows=rows,
    )
