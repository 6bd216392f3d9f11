"""Deciding the ticked ones together: first a page that names them and what is open about them, then the decision."""

import asyncio
from typing import Annotated

from starlette.datastructures import FormData
from starlette.responses import Response

from api.http.parameters import whole_number
from api.services.cycles.cycles import state_if_there
from api.services.cycles.decisions import MANY, Deciding, decide_many, weighs
from api.services.cycles.lineage import headings
from api.web.format.gettext import N_
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, Member, MemberVisit, pages_router, text_of
from api.web.frame.people import Someone, someone, unit_name
from api.web.frame.proof import must_be_proven
from api.web.inbox.page import DecidedResult, inbox_of
from engine.domain.cycle.state import CycleState
from engine.domain.errors import invalid_at
from engine.domain.review.review import Action
from engine.domain.steps import Step

router = pages_router()
OFFERED = (Action.APPROVE, Action.RETURN)
"""What the pages do to many at once; a program may send any action that needs nothing beside a reason."""


class Ticked(Context):
    """One of them, as it stands now; `questions` are those without an answer, `over` when its round has ended."""

    value: str
    cycle_id: str
    title: str
    step: Step
    unit: str
    owner: Someone
    questions: tuple[str, ...]
    over: bool


class ManyContext(Context):
    """What is about to be done, to which; the button is on this page."""

    action: Action
    items: tuple[Ticked, ...]
    reason: str
    reason_error: str = ""


@router.post("/decisions")
async def many(visit: Member, form: Annotated[FormData, takes("item", "action", "reason", "confirmed")]) -> Response:
    """Names what the ticked ones are about to get; with `confirmed`, decides them, each with its own result."""
    if not form.getlist("item"):
        return visit.to("/decisions", N_("Nothing was ticked."), "wrong")
    action, asked, reason = _action(form), _asked(form), text_of(form, "reason")
    await asyncio.to_thread(_prove, visit, [cycle for cycle, _ in asked])
    lacks_reason = action is not Action.APPROVE and not reason
    if not text_of(form, "confirmed") or lacks_reason:
        wrong = visit.say("Write a reason first; each owner is told it.") if text_of(form, "confirmed") else ""
        return await asyncio.to_thread(_named, visit, action, asked, reason, wrong)
    decisions = [Deciding(cycle, number, action, reason or None) for cycle, number in asked]
    outcomes = await decide_many(decisions, visit.caller, visit.desk, visit.form_key())

    def made() -> Response:
        context = inbox_of(visit)
        mine = {one.cycle_id for one in context.items}
        known = headings([one.cycle_id for one in outcomes], visit.caller, visit.desk)
        results = tuple(
            DecidedResult(
                cycle_id=one.cycle_id,
                title=known[one.cycle_id].title if one.cycle_id in known else one.cycle_id,
                problem=visit.refused(one.refusal) if one.refusal else "",
                still_mine=one.cycle_id in mine,
            )
            for one in outcomes
        )
        return visit.page("decisions.html", context.model_copy(update={"results": results}))

    return await asyncio.to_thread(made)


def _prove(visit: MemberVisit, cycles: list[str]) -> None:
    """Asks again who it is, where one of the decisions weighs and there was a pause."""
    if visit.session.paused and any(weighs(cycle, visit.desk) for cycle in cycles):
        must_be_proven(visit, "/decisions")


def _action(form: FormData) -> Action:
    text = text_of(form, "action")
    if not text:
        raise invalid_at("/action", "missing")
    if text not in set(OFFERED):
        raise invalid_at("/action", "not_a_choice", expected=", ".join(OFFERED))
    return Action(text)


def _asked(form: FormData) -> list[tuple[str, int]]:
    """Cycle and round of each; more than `MANY` are refused and not cut off."""
    values = form.getlist("item")
    if len(values) > MANY:
        raise invalid_at("/item", "too_many", limit=str(MANY))
    found = []
    for index, value in enumerate(values):
        cycle, _, text = str(value).rpartition("@")
        number = whole_number(text)
        if not cycle or number is None:
            raise invalid_at(f"/item/{index}", "bad_value")
        found.append((cycle, number))
    return found


def _named(visit: MemberVisit, action: Action, asked: list[tuple[str, int]], reason: str, wrong: str) -> Response:
    known = ((state_if_there(cycle, visit.caller, visit.desk), number) for cycle, number in dict.fromkeys(asked))
    items = tuple(_ticked(state, number, visit) for state, number in known if state is not None)
    if not items:
        return visit.to("/decisions", N_("Nothing was ticked."), "wrong")
    context = ManyContext(action=action, items=items, reason=reason, reason_error=wrong)
    return visit.page("decide_many.html", context, 422 if wrong else 200)


def _ticked(state: CycleState, number: int, visit: MemberVisit) -> Ticked:
    facts, language = visit.caller.facts, visit.language
    return Ticked(
        value=f"{state.cycle_id}@{number}",
        cycle_id=state.cycle_id,
        title=state.title,
        step=state.step,
        unit=unit_name(state.org_unit, facts, language),
        owner=someone(state.owner, facts, language),
        questions=tuple(one.text for one in state.asides.questions if one.answer is None),
        over=state.review is None or state.round != number,
    )
