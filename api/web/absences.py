"""Absences: entering one's own with a proxy, and the list; and what one has decided."""

import asyncio
from datetime import date, datetime
from uuid import uuid4

from pydantic import ValidationError
from starlette.responses import Response

from api.asked import AskedAbsence
from api.problems import validated
from api.routes.people import enter_absence
from api.sentences import sentence
from api.web.people import Someone, someone
from api.web.site import Context, Member, MemberVisit, Typed, pages_router, text_of
from api.web.words import N_
from engine.domain.errors import DomainError
from engine.store.past import decisions_of

router = pages_router()
SHOWN = 100


class Away(Context):
    """One absence."""

    first: date
    last: date
    proxy: Someone | None


class AbsencesContext(Context):
    """My absences and the form."""

    absences: tuple[Away, ...]
    people: tuple[tuple[str, str], ...]
    typed: dict[str, str]
    errors: dict[str, str]


class Past(Context):
    """A decision of mine."""

    cycle_id: str
    title: str
    type: str
    at: datetime


class HistoryContext(Context):
    """What I decided, the newest first."""

    items: tuple[Past, ...]


@router.get("/absences")
def absences(visit: Member) -> Response:
    """My absences."""
    return visit.page("absences.html", _context(visit, {}, {}))


@router.post("/absences")
async def enter(visit: Member, form: Typed) -> Response:
    """Enters one."""
    typed = {name: text_of(form, name) for name in ("from", "to", "proxy")}
    try:
        asked = AskedAbsence.model_validate({name: value or None for name, value in typed.items()})
        await asyncio.to_thread(enter_absence, asked, visit.caller, visit.desk, uuid4().hex)
    except (ValidationError, DomainError) as error:
        refusal = (validated(error) if isinstance(error, ValidationError) else error).refusal
        errors = {
            one.pointer.removeprefix("/"): sentence(one.code, visit.language, one.params) for one in refusal.errors
        } or {"from": sentence(refusal.code, visit.language, refusal.params)}
        return await asyncio.to_thread(
            lambda: visit.page("absences.html", _context(visit, typed, errors), status=422)
        )
    return visit.to("/absences", N_("Your absence is entered."))


@router.get("/history")
def history(visit: Member) -> Response:
    """What I decided."""
    rows = decisions_of(visit.desk.database, visit.caller.id, SHOWN)
    items = tuple(Past(cycle_id=row.cycle_id, title=title, type=row.type, at=row.at) for row, title in rows)
    return visit.page("history.html", HistoryContext(items=items))


def _context(visit: MemberVisit, typed: dict[str, str], errors: dict[str, str]) -> AbsencesContext:
    facts, language = visit.caller.facts, visit.language
    mine = {post.unit_code for post in visit.caller.posts}
    near = mine | {unit.code for code in mine for unit in facts.organisation.ancestors(code)[:1]}
    colleagues = {
        post.person_id
        for post in facts.organisation.posts
        if post.holds_on(facts.today)
        and (post.unit_code in near or near & {one.code for one in facts.organisation.ancestors(post.unit_code)[:1]})
    } - {visit.caller.id}
    people = [someone(one, facts, language) for one in sorted(colleagues)]
    return AbsencesContext(
        absences=tuple(
            Away(first=row.first, last=row.last, proxy=someone(row.proxy, facts, language) if row.proxy else None)
            for row in visit.desk.reader.absences(visit.caller.id)
        ),
        people=tuple((one.person_id, f"{one.name} {one.post}") for one in people),
        typed=typed,
        errors=errors,
    )
