"""Documents that change who decides: what waits, for whom, and what became of it; agreed to or withdrawn here."""

import asyncio
from typing import Annotated

from starlette.datastructures import FormData
from starlette.responses import Response

from api.services.organisation import documents as service
from api.web.admin.policy import NAMES
from api.web.format.gettext import N_, name_of
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, Member, MemberVisit, pages_router, text_of
from api.web.frame.people import Someone, someone, unit_name
from api.web.frame.proof import must_be_proven
from engine.contracts.documents import SeenChange
from engine.domain.administration.changes import ProposedChange, may_agree, may_withdraw
from engine.domain.administration.deciders import ChangedPart, DeciderChange
from engine.domain.errors import Category, Refusal
from engine.domain.organisation.organisation import Duty

router = pages_router()
PAGE = "/changes"


class PlaceChanged(Context):
    """One place where who decides becomes another."""

    change: DeciderChange
    place: str
    person: Someone | None


class ChangeCard(Context):
    """A change as one person sees it."""

    change: ProposedChange
    proposed_by: Someone
    closed_by: str
    reason: str
    places: tuple[PlaceChanged, ...]
    may_agree: bool
    may_withdraw: bool


class ChangesContext(Context):
    """Those that wait, and those that are over."""

    waiting: tuple[ChangeCard, ...]
    over: tuple[ChangeCard, ...]


@router.get(PAGE)
def changes(visit: Member) -> Response:
    """What waits, and what became of the last ones."""
    cards = [_card(one, visit) for one in service.changes(visit.caller, visit.desk)]
    context = ChangesContext(
        waiting=tuple(one for one in cards if one.change.outcome is None),
        over=tuple(one for one in cards if one.change.outcome is not None),
    )
    return visit.page("changes.html", context)


@router.post("/changes/{change}/agree")
async def agree(change: str, visit: Member, _form: Annotated[FormData, takes()]) -> Response:
    """It is in force."""
    must_be_proven(visit, PAGE)
    await asyncio.to_thread(service.agree, change, visit.caller, visit.desk)
    return visit.to(PAGE, N_("It is in force."))


@router.post("/changes/{change}/withdraw")
async def withdraw(change: str, visit: Member, form: Annotated[FormData, takes("reason")]) -> Response:
    """It is not made."""
    must_be_proven(visit, PAGE)
    await asyncio.to_thread(service.withdraw, change, text_of(form, "reason"), visit.caller, visit.desk)
    return visit.to(PAGE, N_("It is withdrawn; what is in force stays."))


def places_of(changes: tuple[DeciderChange, ...], visit: MemberVisit) -> tuple[PlaceChanged, ...]:
    """The places in words of the reader."""
    facts, language = visit.caller.facts, visit.language
    return tuple(
        PlaceChanged(
            change=one,
            place=_place(one, visit),
            person=someone(one.person, facts, language) if one.person is not None else None,
        )
        for one in changes
    )


def _card(seen: SeenChange, visit: MemberVisit) -> ChangeCard:
    change, facts, caller = seen.change, visit.caller.facts, visit.caller
    return ChangeCard(
        change=change,
        proposed_by=someone(change.proposed_by, facts, visit.language),
        closed_by=someone(change.closed_by, facts, visit.language).name if change.closed_by else "",
        reason=_reason(change, visit),
        places=places_of(seen.changes, visit),
        may_agree=may_agree(change, caller.id, facts),
        may_withdraw=may_withdraw(change, caller.id, facts),
    )


def _reason(change: ProposedChange, visit: MemberVisit) -> str:
    """The person's words; where the day found it impossible, why, in the reader's language."""
    if change.reason and change.closed_by == "system":
        return visit.refused(Refusal(code=change.reason, category=Category.CONFLICT, params={"name": change.name}))
    return change.reason or ""


def _place(one: DeciderChange, visit: MemberVisit) -> str:
    kind, _, where = one.place.partition("@")
    facts, language = visit.caller.facts, visit.language
    match one.part:
        case ChangedPart.POST if kind == "duty":
            return name_of(Duty(where), language)
        case ChangedPart.POST if kind == "head":
            return visit.say("head of %(unit)s", unit=unit_name(where, facts, language))
        case ChangedPart.POST:
            return visit.say("deputy of %(unit)s", unit=unit_name(where, facts, language))
        case ChangedPart.UNIT:
            return visit.say("where %(unit)s stands", unit=unit_name(one.place, facts, language))
        case ChangedPart.ADDRESS:
            return visit.say("the mail address that signs in")
        case _:
            return visit.say("setting %(name)s", name=visit.say(NAMES.get(one.place, one.place)))
