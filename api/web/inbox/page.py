"""My decisions: the inbox, and what a decision did."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from api.http.paging import encoded, key_of
from api.schemas.cycle import waiting_for
from api.schemas.offer import OfferView
from api.services.cycles import inbox as service
from api.services.cycles.cycles import state_if_there
from api.services.cycles.reading import to_read
from api.services.spread import offers as spread
from api.web.cycle.retraction import Retraction, retraction_of
from api.web.format.gettext import N_
from api.web.frame.page import Context, Member, MemberVisit, pages_router
from api.web.frame.people import Someone, someone, unit_name
from engine.contracts.lists import CycleKey, OfferFilter, ToRead, Waiting
from engine.domain.review.review import Action
from engine.domain.steps import Step

router = pages_router()
SHOWN, BESIDE, WHOLE = 40, 10, 50
"""Decisions on one page, lines of each list beside them, and lines of a page that shows one such list alone."""
Part = Literal["", "read", "below"]
One = TypeVar("One")
Why = Literal["", "post", "proxy", "escalation", "late"]


WORDS = {
    "post_review": N_("to read afterwards"),
    "circulation": N_("to read"),
    "question": N_("to answer"),
    "stuck": N_("long overdue"),
}
"""Why something that needs no decision lies with somebody."""


class Item(Context):
    """One decision that waits for me."""

    cycle_id: str
    round: int
    title: str
    step: Step
    unit: str
    owner: Someone
    why: str
    on_behalf_of: str | None
    since: datetime
    due_at: datetime


class Reading(Context):
    """Something to read or to answer; nothing is decided by it."""

    cycle_id: str
    title: str
    step: Step
    owner: Someone
    why: str
    since: datetime


class DecidedResult(Context):
    """What became of one of many: `problem` says why it was not done, `still_mine` whether it can be tried again."""

    cycle_id: str
    title: str
    problem: str
    still_mine: bool


class After(Context):
    """What a decision just did, and the matter that waits next."""

    cycle_id: str
    title: str
    action: Action
    step: Step
    who: tuple[str, ...]
    step_now: Step
    open: bool
    with_owner: bool
    following: Item | None
    retraction: Retraction | None


class InboxContext(Context):
    """The inbox, filtered by `why`; counts are of the whole. A `part` stands alone; `following` leads on."""

    items: tuple[Item, ...]
    why: Why
    counts: dict[str, int]
    part: Part = ""
    following: str | None = None
    readings: tuple[Reading, ...] = ()
    readings_count: int = 0
    words: dict[str, str] = WORDS
    below: tuple[Item, ...] = ()
    below_count: int = 0
    offers: tuple[OfferView, ...] = ()
    results: tuple[DecidedResult, ...] = ()
    ticked: bool = False
    after: After | None = None


@router.get("/decisions")
def inbox(  # noqa: PLR0913, PLR0917 - an argument for each part of the address
    visit: Member,
    why: Annotated[Why, Query()] = "",
    part: Annotated[Part, Query()] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    tick: Annotated[Literal["", "all"], Query()] = "",
    after: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """What waits for me, the most urgent first; filters, ticking and further pages are links.

    `after` names what I just decided.
    """
    found = _inbox(visit, why, part, key_of(cursor))
    more = {"ticked": tick == "all", "after": _after(visit, after, found.items) if after else None}
    return visit.page("decisions.html", found.model_copy(update=more))


def inbox_of(visit: MemberVisit) -> InboxContext:
    """The whole inbox, unfiltered, from its start."""
    return _inbox(visit, "")


def _after(visit: MemberVisit, cycle: str, items: tuple[Item, ...]) -> After | None:
    """What the reader's latest decision about that cycle did; None when there is none."""
    state = state_if_there(cycle, visit.caller, visit.desk)
    last = next((one for one in reversed(state.decisions) if one.by == visit.caller.id), None) if state else None
    if state is None or last is None:
        return None
    facts, language = visit.caller.facts, visit.language
    waiting = waiting_for(state, facts)
    return After(
        cycle_id=cycle,
        title=state.title,
        action=last.action,
        step=last.step,
        who=tuple(someone(one, facts, language).name for one in waiting.people),
        step_now=state.step,
        open=state.status.is_open,
        with_owner=waiting.kind == "owner",
        following=next((one for one in items if one.cycle_id != cycle), None),
        retraction=retraction_of(state, visit),
    )


def _inbox(visit: MemberVisit, why: Why, part: Part = "", after: CycleKey | None = None) -> InboxContext:
    now, caller, desk = visit.desk.directory.now(), visit.caller, visit.desk
    mine, unread = service.waiting("me", caller, desk), to_read(caller, desk)
    counts = {"": len(mine), "late": sum(one.due_at < now for one in mine)}
    counts |= {kind: sum(one.why == kind for one in mine) for kind in ("post", "proxy", "escalation")}
    below_count = service.below_count(caller, desk)
    items: Sequence[Waiting] = ()
    readings: Sequence[ToRead] = unread[:BESIDE]
    below: Sequence[Waiting] = ()
    last: CycleKey | None = None
    if part == "":
        wanted = [one for one in mine if why in {"", one.why} or (why == "late" and one.due_at < now)]
        wanted.sort(key=_due)
        items, last = _page([one for one in wanted if after is None or _due(one) > after], SHOWN, _due)
        below = service.below(caller, desk, BESIDE) if below_count else []
    elif part == "read":
        readings, last = _page([one for one in unread if after is None or _seen(one) > after], WHOLE, _seen)
    else:
        below, last = _page(service.below(caller, desk, WHOLE + 1, after), WHOLE, _due)
    kept = {"why": why, "part": part, "cursor": encoded((last[0].isoformat(), last[1])) if last else ""}
    return InboxContext(
        items=tuple(_item(one, visit) for one in items),
        why=why,
        counts=counts,
        part=part,
        following=f"/decisions?{urlencode({name: one for name, one in kept.items() if one})}" if last else None,
        readings=tuple(_reading(one, visit) for one in readings),
        readings_count=len(unread),
        below=tuple(_item(one, visit) for one in below),
        below_count=below_count,
        offers=() if part else _offers(visit),
    )


def _offers(visit: MemberVisit) -> tuple[OfferView, ...]:
    found = spread.listed(visit.caller, visit.desk, OfferFilter(), limit=BESIDE, waiting_for="me")
    return tuple(found.items)


def _page(found: Sequence[One], limit: int, key: Callable[[One], CycleKey]) -> tuple[Sequence[One], CycleKey | None]:
    """The first ones, and the key of the last of them when there are more."""
    return found[:limit], key(found[limit - 1]) if len(found) > limit else None


def _due(one: Waiting) -> CycleKey:
    return one.due_at, one.cycle_id


def _seen(one: ToRead) -> CycleKey:
    return one.since, f"{one.cycle_id} {one.why} {one.n or 0:09}"


def _reading(one: ToRead, visit: MemberVisit) -> Reading:
    owner = someone(one.owner, visit.caller.facts, visit.language)
    return Reading(cycle_id=one.cycle_id, title=one.title, step=one.step, owner=owner, why=one.why, since=one.since)


def _item(waiting: Waiting, visit: MemberVisit) -> Item:
    facts, language = visit.caller.facts, visit.language
    absent = waiting.grant.on_behalf_of
    return Item(
        cycle_id=waiting.cycle_id,
        round=waiting.round,
        title=waiting.title,
        step=waiting.step,
        unit=unit_name(waiting.org_unit, facts, language),
        owner=someone(waiting.owner, facts, language),
        why=waiting.why,
        on_behalf_of=someone(absent, facts, language).name if absent else None,
        since=waiting.since,
        due_at=waiting.due_at,
    )
