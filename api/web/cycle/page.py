"""One cycle as a page: its owner writes and hands in; everybody else reads; deciders go to the gate's page."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.schemas.route import RouteView
from api.services.cycles.cycles import there as readable_cycle
from api.services.cycles.drafts import left_over
from api.services.cycles.lineage import Kinship
from api.services.cycles.lineage import related as kin_of
from api.services.cycles.reading import route_of as routed
from api.services.cycles.versions import remarks
from api.web.cycle.consultation import Beside, beside
from api.web.cycle.next_action import Call, call_of
from api.web.cycle.retraction import Retraction, retraction_of
from api.web.cycle.route_boxes import Stamps, stamps
from api.web.cycle.sheet import SheetSection, section_of, sheet
from api.web.format.gettext import N_
from api.web.forms.model_form import read
from api.web.forms.step_form import StepForm, step_form
from api.web.frame.page import Context, Member, MemberVisit, pages_router
from api.web.frame.people import Someone, someone
from api.web.me.home import Mine, card
from engine.contracts.lists import Lineage
from engine.domain.access.reading import is_hidden
from engine.domain.cycle.events import Condition, Inheritance
from engine.domain.cycle.state import CycleState, Decision
from engine.domain.cycle.working_copy import CopyMark, WorkingCopy
from engine.domain.deliverables import Deliverables
from engine.domain.errors import DomainError, FieldError
from engine.domain.moves.allowed import DECISIONS, Move
from engine.domain.review.mentions import with_names
from engine.domain.steps import ORDER, Step

router = pages_router()
KINSHIP = {
    Kinship.PARENT: N_("grew from"),
    Kinship.JOINED: N_("flowed in"),
    Kinship.ADOPTED_FROM: N_("adopted from"),
    Kinship.COPIED_FROM: N_("copied from"),
    Kinship.CHILD: N_("grew out of it"),
}


class Decided(Context):
    """A decision in the record."""

    decision: Decision
    by: Someone
    on_behalf_of: Someone | None


class SaidHere(Context):
    """A comment."""

    by: Someone
    at: datetime
    text: str


class Related(Context):
    """Another cycle, and how it belongs to this one."""

    cycle_id: str
    title: str
    how: str


class LeftOver(Context):
    """What was written for a step that is over and not handed in."""

    mark: str
    saved_at: datetime
    section: SheetSection


class CycleContext(Context):
    """Everything on the page; `form` is there while it is the reader's turn to write."""

    state: CycleState
    card: Mine
    owner: Someone
    is_owner: bool
    call: Call
    form: StepForm | None
    mark: str
    message: str = ""
    draft: WorkingCopy | None
    left_over: tuple[LeftOver, ...] = ()
    hidden: bool
    stamps: Stamps | None
    sections: tuple[SheetSection, ...]
    decisions: tuple[Decided, ...]
    comments: tuple[SaidHere, ...]
    conditions: tuple[Condition, ...]
    inheritance: Inheritance | None
    children: tuple[str, ...]
    related: tuple[Related, ...]
    can_pull_back: bool
    retraction: Retraction | None
    beside: Beside
    typed_text: str = ""


def there(visit: MemberVisit, cycle: str) -> Lineage:
    """The cycle with what grew out of it, or 404."""
    return readable_cycle(cycle, visit.caller, visit.desk)


@router.get("/cycles/{cycle}")
def shown(visit: Member, cycle: str, rows: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The cycle; `rows` names a list that shows one more empty row."""
    lineage = there(visit, cycle)
    form = form_of(lineage, visit, more=frozenset({rows})) if writes(lineage.state, visit) else None
    return visit.page("cycle.html", cycle_context(lineage, visit, form))


def form_of(
    lineage: Lineage, visit: MemberVisit, more: frozenset[str] = frozenset(), errors: Sequence[FieldError] = ()
) -> StepForm:
    """The form with the working copy: what was typed stands there as it was, with what is wrong with it."""
    state, copy = lineage.state, lineage.working_copy
    if copy is None or copy.typed is None:
        return step_form(state, visit, errors=errors, more=more)
    given = read(Deliverables.MODELS[state.step], copy.typed)
    return step_form(state, visit, given, errors or copy.faults, more)


async def shown_again(visit: MemberVisit, cycle: str, form: StepForm, mark: CopyMark | None) -> Response:
    """The page with what was typed and what is wrong with it; `mark` is what the typing had before it."""

    def made() -> Response:
        context = cycle_context(there(visit, cycle), visit, form)
        seen = context.mark if mark is None else str(mark)
        message = dict(visit.request.state.typed).get("message", "")
        return visit.page("cycle.html", context.model_copy(update={"mark": seen, "message": message}), 422)

    return await asyncio.to_thread(made)


def writes(state: CycleState, visit: MemberVisit) -> bool:
    """Whether it is the reader's turn to write."""
    return Move.SAVE_DRAFT in visit.moves(state)


def cycle_context(lineage: Lineage, visit: MemberVisit, form: StepForm | None) -> CycleContext:
    """The page's content."""
    state, facts, language = lineage.state, visit.caller.facts, visit.language
    may = visit.moves(state)
    own_card, aside = card(state, visit), beside(state, visit)
    boxes, hidden = stamps(state, route_of(state, visit), visit), is_hidden(visit.caller.clearance, state)
    return CycleContext(
        state=state,
        card=own_card,
        owner=someone(state.owner, facts, language),
        is_owner=state.owner == visit.caller.id,
        call=call_of(state, own_card, form, aside, boxes, may_decide=not DECISIONS.isdisjoint(may)),
        form=form,
        mark=str(lineage.mark),
        draft=lineage.working_copy,
        left_over=tuple(
            LeftOver(
                mark=str(CopyMark.of(state, one)),
                saved_at=one.saved_at,
                section=section_of(state, one.step, one.deliverable, visit, one.typed),
            )
            for one in left_over(state, visit.caller, visit.desk)
        ),
        hidden=hidden,
        stamps=boxes,
        sections=tuple(
            sheet(state, step, visit)
            for step in ORDER
            if step.rank <= state.step.rank and not (step is state.step and (form is not None or hidden))
        ),
        decisions=record_of(state, visit),
        comments=comments_of(state, visit),
        conditions=state.conditions,
        inheritance=state.inheritance,
        children=lineage.children,
        related=related(lineage, visit),
        can_pull_back=Move.PULL_BACK in may,
        retraction=retraction_of(state, visit),
        beside=aside,
    )


def related(lineage: Lineage, visit: MemberVisit) -> tuple[Related, ...]:
    """What it grew from, what flowed into it, and what grew out of it, by title."""
    return tuple(
        Related(cycle_id=one.heading.cycle_id, title=one.heading.title, how=visit.say(KINSHIP[one.how]))
        for one in kin_of(lineage, visit.caller, visit.desk)
    )


def route_of(state: CycleState, visit: MemberVisit) -> RouteView | None:
    """The route under way or the one a submission would take; None when nobody could decide or it is over."""
    if not state.status.is_open:
        return None
    try:
        return routed(state, visit.caller, visit.desk)
    except DomainError:
        return None


def record_of(state: CycleState, visit: MemberVisit) -> tuple[Decided, ...]:
    """Every decision, the newest first, with those that were taken back."""
    every = sorted((*state.decisions, *state.retracted), key=lambda one: one.at, reverse=True)
    return tuple(decided(one, visit) for one in every)


def decided(decision: Decision, visit: MemberVisit) -> Decided:
    """A decision with names."""
    facts, language = visit.caller.facts, visit.language
    absent = decision.on_behalf_of
    return Decided(
        decision=decision,
        by=someone(decision.by, facts, language),
        on_behalf_of=someone(absent, facts, language) if absent else None,
    )


def comments_of(state: CycleState, visit: MemberVisit) -> tuple[SaidHere, ...]:
    """What people said, the newest first."""
    facts, language = visit.caller.facts, visit.language
    return tuple(
        SaidHere(by=someone(one.by, facts, language), at=one.at, text=with_names(one.text, facts.organisation))
        for one in remarks(state, visit.desk)
        if one.text
    )


def earlier(step: Step) -> tuple[Step, ...]:
    """The step and those before it: where a return may lead."""
    return tuple(one for one in reversed(ORDER) if one.rank <= step.rank)
