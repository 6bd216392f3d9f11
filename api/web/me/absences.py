"""Absences: entering one's own with a proxy, and the list; and what one has decided."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.schemas.history import DecidedView
from api.schemas.requests import AskedAbsence
from api.services.cycles.history import decided
from api.services.organisation import absences as service
from api.web.format.gettext import N_
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, Member, MemberVisit, pages_router, text_of
from api.web.frame.people import Someone, someone
from engine.contracts.lists import EnteredAbsence
from engine.domain.errors import DomainError
from engine.domain.model_faults import validated
from engine.language.refusals import sentence

router = pages_router()
SHOWN = 100


class ShownAbsence(Context):
    """One absence with its form; `person` is None for the reader's own, `open` when its form came back."""

    id: str
    person: Someone | None
    first: date
    last: date
    proxy: Someone | None
    people: tuple[tuple[str, str], ...]
    typed: dict[str, str]
    errors: dict[str, str]
    open: bool


class AbsencesContext(Context):
    """My absences and those I look after, and the form for a new one."""

    mine: tuple[ShownAbsence, ...]
    others: tuple[ShownAbsence, ...]
    people: tuple[tuple[str, str], ...]
    typed: dict[str, str]
    errors: dict[str, str]


class PastDecision(Context):
    """A decision of mine."""

    decision: DecidedView
    on_behalf_of: str | None


class HistoryContext(Context):
    """What I decided, the newest first."""

    items: tuple[PastDecision, ...]
    more: str | None


@router.get("/absences")
def absences(visit: Member) -> Response:
    """My absences."""
    return visit.page("absences.html", _context(visit, {}, {}))


@router.post("/absences")
async def enter(visit: Member, form: Annotated[FormData, takes("from", "to", "proxy")]) -> Response:
    """Enters one."""

    def entered(asked: AskedAbsence) -> object:
        return service.enter(asked, visit.caller, visit.desk, visit.form_key())

    return await _written(visit, form, entered, N_("Your absence is entered."))


@router.post("/absences/{absence}")
async def change(visit: Member, form: Annotated[FormData, takes("from", "to", "proxy")], absence: str) -> Response:
    """Changes one."""

    def changed(asked: AskedAbsence) -> object:
        return service.change(absence, asked, visit.caller, visit.desk)

    return await _written(visit, form, changed, N_("The absence is changed."), absence)


@router.post("/absences/{absence}/end")
async def end(visit: Member, _form: Annotated[FormData, takes()], absence: str) -> Response:
    """Ends one, at once."""
    await asyncio.to_thread(service.end, absence, visit.caller, visit.desk)
    return visit.to("/absences", N_("The absence is ended."))


async def _written(
    visit: MemberVisit, form: FormData, write: Callable[[AskedAbsence], object], done: str, absence: str = ""
) -> Response:
    """Has it written; what is wrong is told at its place, in the form it came from, with all that was typed."""
    typed = {name: text_of(form, name) for name in ("from", "to", "proxy")}
    try:
        asked = AskedAbsence.model_validate({name: value or None for name, value in typed.items()})
        await asyncio.to_thread(write, asked)
    except (ValidationError, DomainError) as error:
        refusal = (validated(error) if isinstance(error, ValidationError) else error).refusal
        errors = {
            one.pointer.removeprefix("/"): sentence(one.code, visit.language, one.params) for one in refusal.errors
        } or {"from": sentence(refusal.code, visit.language, refusal.params)}
        return await asyncio.to_thread(
            lambda: visit.page("absences.html", _context(visit, typed, errors, absence), status=422)
        )
    return visit.to("/absences", done)


@router.get("/history")
def history(visit: Member, cursor: Annotated[str | None, Query(max_length=500)] = None) -> Response:
    """What I decided, as programs are told it; `cursor` leads on to what is older."""
    found = decided(visit.caller, visit.desk, SHOWN, cursor)
    facts, language = visit.caller.facts, visit.language
    names = {absent: someone(absent, facts, language).name for one in found.items if (absent := one.on_behalf_of)}
    items = tuple(PastDecision(decision=one, on_behalf_of=names.get(one.on_behalf_of or "")) for one in found.items)
    return visit.page("history.html", HistoryContext(items=items, more=found.next_cursor))


def _context(
    visit: MemberVisit, typed: dict[str, str], errors: dict[str, str], changing: str = ""
) -> AbsencesContext:
    """The page; `changing` is the absence whose form was sent, empty for the form of a new one."""

    def form_of(row: EnteredAbsence) -> tuple[dict[str, str], dict[str, str]]:
        if row.id == changing:
            return typed, errors
        return {"from": row.first.isoformat(), "to": row.last.isoformat(), "proxy": row.proxy or ""}, {}

    shown = [_shown(row, visit, *form_of(row), came_back=row.id == changing) for row in _rows(visit)]
    return AbsencesContext(
        mine=tuple(one for one in shown if one.person is None),
        others=tuple(one for one in shown if one.person is not None),
        people=_colleagues(visit.caller.id, visit),
        typed={} if changing else typed,
        errors={} if changing else errors,
    )


def _rows(visit: MemberVisit) -> list[EnteredAbsence]:
    return service.looked_after(visit.caller, visit.desk)


def _shown(
    row: EnteredAbsence, visit: MemberVisit, typed: dict[str, str], errors: dict[str, str], *, came_back: bool
) -> ShownAbsence:
    facts, language = visit.caller.facts, visit.language
    people = _colleagues(row.person_id, visit)
    proxy = someone(row.proxy, facts, language) if row.proxy else None
    if proxy is not None and all(one != proxy.person_id for one, _ in people):
        people = ((proxy.person_id, f"{proxy.name} {proxy.post}"), *people)  # or a change of the days would lose them
    return ShownAbsence(
        id=row.id,
        person=None if row.person_id == visit.caller.id else someone(row.person_id, facts, language),
        first=row.first,
        last=row.last,
        proxy=proxy,
        people=people,
        typed=typed,
        errors=errors,
        open=came_back,
    )


def _colleagues(person: str, visit: MemberVisit) -> tuple[tuple[str, str], ...]:
    """Who is near enough to stand in for a person: their units, and those right above and below."""
    facts, language = visit.caller.facts, visit.language
    own = {post.unit_code for post in facts.organisation.posts_of(person, facts.today)}
    near = own | {unit.code for code in own for unit in facts.organisation.ancestors(code)[:1]}
    found = {
        post.person_id
        for post in facts.organisation.posts
        if post.holds_on(facts.today)
        and (post.unit_code in near or near & {one.code for one in facts.organisation.ancestors(post.unit_code)[:1]})
    } - {person}
    people = [someone(one, facts, language) for one in sorted(found)]
    return tuple((one.person_id, f"{one.name} {one.post}") for one in people)
