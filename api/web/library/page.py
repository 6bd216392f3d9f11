"""The library: shared cases with search, one case whole, offers to other offices and their answers."""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.schemas.case import CaseLine, CaseView
from api.schemas.offer import AskedAnswer, AskedOffers, OfferView
from api.schemas.requests import AskedReason
from api.services.spread import cases as library
from api.services.spread import offers as spread
from api.web.format.gettext import N_, name_of
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, Member, MemberVisit, pages_router, text_of
from api.web.frame.people import Someone, someone, unit_name
from engine.contracts.lists import CaseFilter, OfferFilter
from engine.domain.deliverables.realise import Verdict
from engine.domain.model_faults import validated
from engine.domain.organisation.organisation import UnitLevel
from engine.domain.roadmap import Pillar
from engine.domain.scope import OrgScope

router = pages_router()
AT_ONCE, OFFERS = 20, 30
"""Cases and offers on one page."""


class CaseHit(Context):
    """A case in the list."""

    case: CaseLine
    unit: str
    owner: Someone


class LibraryContext(Context):
    """The list, with what was asked for."""

    q: str
    pillar: str | None
    org_scope: str | None
    verdict: str | None
    worse: bool
    narrowed: bool
    pillars: tuple[tuple[str, str], ...]
    scopes: tuple[tuple[str, str], ...]
    verdicts: tuple[tuple[str, str], ...]
    hits: tuple[CaseHit, ...]
    following: str | None


class OfferLine(Context):
    """An offer with names instead of codes."""

    offer: OfferView
    unit: str
    by: Someone
    waiting: tuple[Someone, ...]
    answers: bool


class CaseContext(Context):
    """One case; `units` are offices it may be offered to, empty for who may not offer it."""

    case: CaseView
    unit: str
    owner: Someone
    offers: tuple[OfferLine, ...]
    units: tuple[tuple[str, str], ...]
    may_adopt: bool


class OffersContext(Context):
    """Offers that wait for me, on the first page, and the others; `following` leads on."""

    waiting: tuple[OfferLine, ...]
    others: tuple[OfferLine, ...]
    following: str | None


@router.get("/library")
def listed(  # noqa: PLR0913, PLR0917 - an argument for each filter
    visit: Member,
    q: Annotated[str, Query(max_length=400)] = "",
    pillar: str = "",
    org_scope: str = "",
    verdict: str = "",
    worse: bool = False,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """Cases, the best match or the newest first."""
    found = library.found(
        visit.caller,
        visit.desk,
        q=q,
        wanted=CaseFilter(
            pillar=pillar if pillar in set(Pillar) else None,
            org_scope=OrgScope(org_scope) if org_scope in set(OrgScope) else None,
            verdict=Verdict(verdict) if verdict in set(Verdict) else None,
            worse=True if worse else None,
        ),
        limit=AT_ONCE,
        cursor=cursor,
    )
    language = visit.language
    kept = {"q": q, "pillar": pillar, "org_scope": org_scope, "verdict": verdict} | ({"worse": "1"} if worse else {})
    query = urlencode({name: value for name, value in kept.items() if value} | {"cursor": found.next_cursor or ""})
    return visit.page(
        "library.html",
        LibraryContext(
            q=q,
            pillar=pillar,
            org_scope=org_scope,
            verdict=verdict,
            worse=worse,
            narrowed=bool(pillar or org_scope or verdict or worse),
            pillars=tuple((one.value, f"{one.value} {name_of(one, language)}") for one in Pillar),
            scopes=tuple((one.value, name_of(one, language)) for one in OrgScope),
            verdicts=tuple((one.value, name_of(one, language)) for one in Verdict),
            hits=tuple(_hit(one, visit) for one in found.items),
            following=f"/library?{query}" if found.next_cursor else None,
        ),
    )


@router.get("/library/{case}")
def shown(case: str, visit: Member) -> Response:
    """One case."""
    return visit.page("case.html", _case(case, visit))


@router.post("/library/{case}/offers")
async def offer(case: str, visit: Member, form: Annotated[FormData, takes("org_units", "message")]) -> Response:
    """Offer the case to other offices."""
    asked = AskedOffers(
        org_units=tuple(str(one) for one in form.getlist("org_units")), message=text_of(form, "message") or None
    )
    await asyncio.to_thread(spread.make, case, asked, visit.caller, visit.desk, visit.form_key())
    return visit.to(f"/library/{case}", N_("The case is offered."))


@router.get("/offers")
def offers(visit: Member, cursor: Annotated[str | None, Query(max_length=400)] = None) -> Response:
    """Offers: those that wait for my answer first."""
    return visit.page("offers.html", _offers(visit, cursor))


@router.post("/offers/{name}/answer")
async def reply(name: str, visit: Member, form: Annotated[FormData, takes("answer", "reason")]) -> Response:
    """Take an offer over, as it is or adapted, or decline it."""
    given = {"answer": text_of(form, "answer"), "reason": text_of(form, "reason") or None}
    try:
        asked = AskedAnswer.model_validate(given)
    except ValidationError as error:
        raise validated(error) from error
    await spread.reply(name, asked, visit.caller, visit.desk, visit.form_key())
    return visit.to("/offers", N_("Your answer is recorded."))


@router.post("/offers/{name}/withdraw")
async def withdraw(name: str, visit: Member, form: Annotated[FormData, takes("reason")]) -> Response:
    """Take an offer back."""
    asked = AskedReason(reason=text_of(form, "reason") or None)
    await asyncio.to_thread(spread.withdraw, name, asked.reason, visit.caller, visit.desk)
    return visit.to("/offers", N_("The offer is taken back."))


def _hit(case: CaseLine, visit: MemberVisit) -> CaseHit:
    facts = visit.caller.facts
    return CaseHit(
        case=case,
        unit=unit_name(case.org_unit, facts, visit.language),
        owner=someone(case.owner, facts, visit.language),
    )


def _case(name: str, visit: MemberVisit) -> CaseContext:
    desk, facts = visit.desk, visit.caller.facts
    case = library.sheet(name, visit.caller, desk)
    may = spread.may_make(name, visit.caller, desk)
    level = next((unit.level for unit in facts.organisation.units if unit.code == case.org_unit), UnitLevel.UNIT)
    units = tuple(
        (unit.code, unit_name(unit.code, facts, visit.language))
        for unit in facts.organisation.units
        if unit.level is level and unit.code != case.org_unit
    )
    found = spread.listed(visit.caller, desk, OfferFilter(case_id=name), limit=200)
    return CaseContext(
        case=case,
        unit=unit_name(case.org_unit, facts, visit.language),
        owner=someone(case.owner, facts, visit.language),
        offers=tuple(_line(one, visit) for one in found.items),
        units=units if may and case.figures.standing.value == "shared" else (),
        may_adopt=bool(visit.caller.posts),
    )


def _offers(visit: MemberVisit, cursor: str | None) -> OffersContext:
    caller, desk = visit.caller, visit.desk
    mine = spread.listed(caller, desk, OfferFilter(), limit=OFFERS, waiting_for="me").items
    every = spread.listed(caller, desk, OfferFilter(), limit=OFFERS, cursor=cursor)
    known = {one.id for one in mine}
    return OffersContext(
        waiting=tuple(_line(one, visit) for one in mine) if cursor is None else (),
        others=tuple(_line(one, visit) for one in every.items if one.id not in known),
        following=f"/offers?cursor={every.next_cursor}" if every.next_cursor else None,
    )


def _line(one: OfferView, visit: MemberVisit) -> OfferLine:
    facts, language = visit.caller.facts, visit.language
    return OfferLine(
        offer=one,
        unit=unit_name(one.org_unit, facts, language),
        by=someone(one.offered_by, facts, language),
        waiting=tuple(someone(person, facts, language) for person in one.waiting_for),
        answers=visit.caller.id in one.waiting_for,
    )
