"""My work: an owner's cycles, whose turn it is, who has it and since when."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.http.paging import key_of, next_of
from api.schemas.cycle import waiting_for
from api.services.cycles import lists
from api.services.cycles.lists import Part
from api.services.cycles.reading import to_read
from api.web.frame.page import Context, Member, MemberVisit, pages_router
from api.web.frame.people import Someone, someone, unit_name
from engine.domain.cycle.state import CycleState
from engine.domain.organisation.absences import stands_in
from engine.domain.steps import CycleKind, CycleStatus, Step, StepStatus

router = pages_router()
SHOWN, WHOLE = 8, 30
"""Cycles of each part on the page, the newest first, and of a page that shows one part alone."""


class Mine(Context):
    """One of my cycles as a card."""

    cycle_id: str
    title: str
    turn: int
    kind: CycleKind
    unit: str
    step: Step
    step_status: StepStatus
    status: CycleStatus
    turn_of: str
    who: tuple[Someone, ...]
    since: datetime
    due_at: datetime | None
    hours: float | None
    conditions: int


class QuestionToAnswer(Context):
    """One of my cycles with a question that waits for my answer."""

    cycle_id: str
    title: str
    since: datetime


class StandIn(Context):
    """Today I stand in for `absent`, or `proxy` stands in for me; the other of the two is None."""

    absent: Someone | None
    proxy: Someone | None
    last: date


class HomeContext(Context):
    """The owner's desk: `mine` wait for me, `others` for somebody else, `ended` are over; counts are of the whole."""

    mine: tuple[Mine, ...] = ()
    others: tuple[Mine, ...] = ()
    ended: tuple[Mine, ...] = ()
    counts: Mapping[Part, int]
    part: Part | None
    asked: tuple[QuestionToAnswer, ...] = ()
    following: str | None = None
    standing: tuple[StandIn, ...] = ()


@router.get("/")
def home(
    visit: Member, part: Part | None = None, cursor: Annotated[str | None, Query(max_length=400)] = None
) -> Response:
    """My work; `part` shows one part alone, page by page."""
    counts = lists.own_counts(visit.caller, visit.desk)
    parts: tuple[Part, ...] = ("mine", "others", "ended") if part is None else (part,)
    limit = SHOWN if part is None else WHOLE
    after = None if part is None else key_of(cursor)
    cards, following = {}, None
    for name in parts:
        found = lists.own(name, visit.caller, visit.desk, limit=limit + 1, after=after) if counts[name] else []
        cards[name] = tuple(card(one.state, visit) for one in found[:limit])
        further = next_of(found, limit)
        following = f"/?part={name}&cursor={further}" if part and further else None
    more = {} if part else {"asked": _asked(visit), "standing": _standing(visit)}
    return visit.page("home.html", HomeContext(counts=counts, part=part, following=following, **more, **cards))


def _standing(visit: MemberVisit) -> tuple[StandIn, ...]:
    """Who stands in for whom today, as far as it is about me."""
    facts, language, me = visit.caller.facts, visit.language, visit.caller.id
    return tuple(
        StandIn(
            absent=None if one.person == me else someone(one.person, facts, language),
            proxy=None if one.proxy == me else someone(one.proxy, facts, language),
            last=one.last,
        )
        for one in stands_in(me, facts.organisation, facts.today)
    )


def _asked(visit: MemberVisit) -> tuple[QuestionToAnswer, ...]:
    """Where a decider has asked something, the oldest first."""
    found = to_read(visit.caller, visit.desk)
    asked = sorted((one for one in found if one.why == "question"), key=lambda one: one.since)
    return tuple(QuestionToAnswer(cycle_id=one.cycle_id, title=one.title, since=one.since) for one in asked[:SHOWN])


def card(state: CycleState, visit: MemberVisit) -> Mine:
    """A cycle as its owner sees it on their desk."""
    facts, language = visit.caller.facts, visit.language
    waiting = waiting_for(state, facts)
    return Mine(
        cycle_id=state.cycle_id,
        title=state.title,
        turn=state.turn,
        kind=state.kind,
        unit=unit_name(state.org_unit, facts, language),
        step=state.step,
        step_status=state.step_status,
        status=state.status,
        turn_of=waiting.kind,
        who=tuple(someone(one, facts, language) for one in waiting.people),
        since=waiting.since,
        due_at=waiting.due_at,
        hours=state.effects.hours_saved_per_year,
        conditions=len(state.open_conditions()),
    )
