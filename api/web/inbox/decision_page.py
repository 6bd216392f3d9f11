"""One page for each gate: what the sheet answers, what changed, the numbers, the route, and the moves."""

import asyncio
from datetime import date, datetime
from typing import Annotated

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.services.cycles.decisions import weighs
from api.services.cycles.versions import submissions
from api.web.cycle.actions import give
from api.web.cycle.consultation import Beside, beside
from api.web.cycle.differences import ChangedPlace, since_last_time
from api.web.cycle.page import Decided, SaidHere, comments_of, earlier, record_of, route_of, there
from api.web.cycle.retraction import Retraction, retraction_of
from api.web.cycle.route_boxes import Stamps, stamps
from api.web.cycle.sheet import MetricBar, SheetSection, bars, sheet
from api.web.format.gettext import N_, name_of
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, Member, MemberVisit, pages_router, text_of
from api.web.frame.people import Someone, post_name, someone, unit_name
from api.web.frame.proof import must_be_proven
from api.web.inbox.check_questions import Check, checks_of
from api.web.inbox.key_figures import GateGlance, glance
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import Condition
from engine.domain.cycle.state import CycleState
from engine.domain.errors import DomainError, invalid
from engine.domain.model_faults import validated
from engine.domain.moves.allowed import DECISIONS, Move
from engine.domain.review.review import Action, StageKind
from engine.domain.steps import ORDER
from engine.language.refusals import sentence

router = pages_router()
_PLAIN = ("action", "round", "reason", "return_to", "hold_until", "pull_up")
_FIELDS = (*_PLAIN, "condition", "condition_due")


class GateContext(Context):
    """Everything a decider looks at; `typed` and `errors` come back after a refusal."""

    state: CycleState
    unit: str
    owner: Someone
    may_decide: bool
    held_until: datetime | None
    final: bool
    on_behalf_of: Someone | None
    checks: tuple[Check, ...]
    glance: tuple[GateGlance, ...]
    since: datetime | None
    due_at: datetime | None
    message: str | None
    version: int
    section: SheetSection
    others: tuple[SheetSection, ...]
    changes: tuple[ChangedPlace, ...]
    bars: tuple[MetricBar, ...]
    stamps: Stamps | None
    decisions: tuple[Decided, ...]
    retraction: Retraction | None
    comments: tuple[SaidHere, ...]
    conditions: tuple[Condition, ...]
    back_to: tuple[tuple[str, str], ...]
    opinion: bool
    pull_up: bool
    beside: Beside
    typed: dict[str, str]
    errors: dict[str, str]
    shown_errors: frozenset[str]
    today: date


@router.get("/decisions/{cycle}")
def gate(visit: Member, cycle: str) -> Response:
    """One cycle at its gate."""
    _prove(visit, cycle)
    return visit.page("gate.html", _gate(visit, cycle, {}, {}))


@router.post("/decisions/{cycle}")
async def move(visit: Member, form: Annotated[FormData, takes(*_FIELDS)], cycle: str) -> Response:
    """One move; a refusal comes back beside its control, with everything that was typed."""
    await asyncio.to_thread(_prove, visit, cycle)
    try:
        await give(visit, cycle, _asked(form))
    except DomainError as error:
        refusal = error.refusal
        if not refusal.errors:
            raise
        errors = {one.pointer: sentence(one.code, visit.language, one.params) for one in refusal.errors}
        typed = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        return await asyncio.to_thread(
            lambda: visit.page("gate.html", _gate(visit, cycle, typed, errors), status=422)
        )
    return visit.to(f"/decisions?after={cycle}", N_("Your decision is recorded."))


def _prove(visit: MemberVisit, cycle: str) -> None:
    """Asks again who it is, where the decision weighs and there was a pause."""
    if visit.session.paused and weighs(cycle, visit.desk):
        must_be_proven(visit, f"/decisions/{cycle}")


def _asked(form: FormData) -> c.Decide:
    """The decision as it was sent, whole: what belongs to another move is refused and never left out."""
    condition, due = text_of(form, "condition"), text_of(form, "condition_due")
    given = {
        name: text_of(form, name) for name in ("action", "round", "reason", "return_to", "hold_until", "pull_up")
    }
    wants_conditions = condition or due or given["action"] == Action.APPROVE_WITH_CONDITIONS
    try:
        decision = c.Decide.model_validate(
            {name: text for name, text in given.items() if text}
            | {"conditions": ({"text": condition, "due": due or None},) if wants_conditions else ()}
        )
    except ValidationError as error:
        raise validated(error) from error
    if misplaced := decision.misplaced():
        raise invalid(*misplaced)
    return decision


def _shown_with(typed: dict[str, str]) -> frozenset[str]:
    """The places that the form of the refused move shows beside their controls."""
    own = {
        Action.RETURN: {"/return_to"},
        Action.HOLD: {"/hold_until"},
        Action.APPROVE_WITH_CONDITIONS: {"/conditions", "/conditions/0/text", "/conditions/0/due"},
    }
    action = typed.get("action", "")
    return frozenset({"/reason"} | own.get(Action(action), set())) if action in set(Action) else frozenset()


def _gate(visit: MemberVisit, cycle: str, typed: dict[str, str], errors: dict[str, str]) -> GateContext:
    state, facts, language = there(visit, cycle).state, visit.caller.facts, visit.language
    grants = facts.organisation.acts_for(visit.caller.id, state.open_posts(), facts.today, state.owner)
    stages = [stage for one in grants if state.review and (stage := state.review.stage_of(one.post))]
    absent = next((one.on_behalf_of for one in grants if one.on_behalf_of), None)
    own = any(one.why == "post" for one in grants)
    final = any(stage.kind is StageKind.FINAL for stage in stages)
    may = visit.moves(state)
    handed_in = submissions(state, visit.desk)
    return GateContext(
        state=state,
        unit=unit_name(state.org_unit, facts, language),
        owner=someone(state.owner, facts, language),
        may_decide=not DECISIONS.isdisjoint(may),
        held_until=state.hold.until if state.hold else None,
        final=final,
        on_behalf_of=someone(absent, facts, language) if absent and not own else None,
        checks=checks_of(state, visit),
        glance=glance(state, visit),
        since=state.review.submitted_at if state.review else None,
        due_at=state.due_at,
        message=handed_in[-1].message if handed_in else None,
        version=handed_in[-1].n if handed_in else 0,
        section=sheet(state, state.step, visit),
        others=tuple(sheet(state, step, visit) for step in ORDER if step.rank < state.step.rank),
        changes=since_last_time(handed_in, state.step, visit),
        bars=bars(state),
        stamps=stamps(state, route_of(state, visit), visit),
        decisions=record_of(state, visit),
        retraction=retraction_of(state, visit),
        comments=comments_of(state, visit),
        conditions=state.conditions,
        back_to=_back_to(state, visit, final=final),
        opinion=Move.OPPOSE in may,
        pull_up=Move.PULL_UP in may,
        beside=beside(state, visit),
        typed=typed,
        errors=errors,
        shown_errors=_shown_with(typed),
        today=facts.today,
    )


def _back_to(state: CycleState, visit: MemberVisit, *, final: bool) -> tuple[tuple[str, str], ...]:
    """Where a return may lead: the drafter, stages that were before, and earlier steps for the final decider."""
    facts, language = visit.caller.facts, visit.language
    found = [("drafter", visit.say("the owner"))]
    if state.review is not None:
        here = min((state.review.route.stage(one.key).order for one in state.review.open), default=0)
        found += [
            (stage.key, ", ".join(post_name(post, facts, language) for post in stage.posts))
            for stage in state.review.route.stages
            if stage.order < here
        ]
    if final:
        found += [(step.value, name_of(step, language)) for step in earlier(state.step)[1:]]
    return tuple(found)
