"""Starting an initiative: one short form; the rest follows from the person's post."""

import asyncio
from typing import Annotated
from uuid import uuid4

from fastapi import Query
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.services.cycles import starting as service
from api.web.format.gettext import N_, name_of
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, Member, MemberVisit, pages_router, text_of
from engine.domain.errors import DomainError
from engine.domain.lineage.open_cycle import InitiativeAsked
from engine.domain.model_faults import validated
from engine.domain.roadmap import Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.language.refusals import sentence

router = pages_router()
Options = tuple[tuple[str, str], ...]
_NAMES = ("title", "org_scope", "org_unit", "work_scope", "pillar", "startup")


class StartContext(Context):
    """The form: what was typed, what is wrong, and the choices."""

    typed: dict[str, str]
    errors: dict[str, str]
    units: Options
    org_scopes: Options
    work_scopes: Options
    pillars: Options
    startups: Options


@router.get("/start")
def start(visit: Member, startup: Annotated[str, Query(max_length=64)] = "") -> Response:
    """The empty form, with the smallest scope and the person's own unit chosen; `startup` may be chosen already."""
    unit = visit.caller.posts[0].unit_code if visit.caller.posts else ""
    typed = {"org_scope": "individual", "work_scope": "task", "org_unit": unit}
    edition = visit.caller.facts.edition
    under = edition.startup(startup) if edition else None
    if under is not None:
        typed |= {"startup": under.code, "pillar": under.pillar.value if under.pillar else ""}
    return visit.page("start.html", _context(visit, typed, {}))


@router.post("/start")
async def begin(visit: Member, form: Annotated[FormData, takes(*_NAMES)]) -> Response:
    """Starts it; the key in the form makes a second click the same start."""
    key = visit.form_key() or uuid4().hex
    try:
        cycle = await _started(visit, form, key)
    except DomainError as error:
        refusal = error.refusal
        errors = {
            one.pointer.removeprefix("/"): sentence(one.code, visit.language, one.params) for one in refusal.errors
        } or {"org_unit": sentence(refusal.code, visit.language, refusal.params)}
        typed = {name: text_of(form, name) for name in _NAMES}
        return await asyncio.to_thread(visit.page, "start.html", _context(visit, typed, errors), 422)
    return visit.to(f"/cycles/{cycle}", N_("Your initiative has begun. Imagine first."))


async def _started(visit: MemberVisit, form: FormData, key: str) -> str:
    given = {name: text_of(form, name) or None for name in _NAMES} | {"title": text_of(form, "title")}
    try:
        asked = InitiativeAsked.model_validate(given)
    except ValidationError as error:
        raise validated(error) from error
    return (await service.begin(asked, visit.caller, visit.desk, key)).id


def _context(visit: MemberVisit, typed: dict[str, str], errors: dict[str, str]) -> StartContext:
    facts, language = visit.caller.facts, visit.language
    organisation, edition = facts.organisation, facts.edition
    units: dict[str, str] = {}
    for post in visit.caller.posts:
        own = organisation.unit(post.unit_code)
        for unit in ((own,) if own else ()) + organisation.ancestors(post.unit_code):
            units[unit.code] = (
                f"{unit.name_ja if language == 'ja' else unit.name_en} ({name_of(unit.level, language)})"
            )
    startups = edition.startups if edition else ()
    return StartContext(
        typed={name: typed.get(name) or "" for name in _NAMES},
        errors=errors,
        units=tuple(units.items()),
        org_scopes=tuple((one.value, name_of(one, language)) for one in OrgScope),
        work_scopes=tuple((one.value, name_of(one, language)) for one in WorkScope),
        pillars=tuple((one.value, f"{one.value} {name_of(one, language)}") for one in Pillar),
        startups=tuple((one.code, f"{one.code} {one.display_name(language)}") for one in startups),
    )
