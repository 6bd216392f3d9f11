"""Writing a step and handing it in: what is complete goes on the route that is found on that day."""

from collections.abc import Iterable
from dataclasses import replace

from engine.domain.calendar import local_date
from engine.domain.cycle import commands as c
from engine.domain.cycle import events as e
from engine.domain.cycle.recorder import Record, open_next_stages
from engine.domain.cycle.versions import content_hash
from engine.domain.cycle.working_copy import (
    NOT_TAKEN,
    handing_in,
    refuse_other_step,
    refuse_others,
    refuse_unless_writing,
)
from engine.domain.errors import DomainError, FieldError, conflict, invalid
from engine.domain.lineage.join import join_errors
from engine.domain.lineage.next_cycles import plan_next
from engine.domain.moves.completeness import submission_errors
from engine.domain.moves.handler import Handler, Situation, Try, World, always
from engine.domain.moves.looking_up import away
from engine.domain.moves.table.cells import TableRow, done
from engine.domain.moves.table.moves import Move
from engine.domain.moves.table.rows import IN_REVIEW, writing
from engine.domain.review.consultation import Circulated
from engine.domain.review.key_fields import gist
from engine.domain.routing.route_builder import route_for
from engine.domain.routing.route_reasons import explained
from engine.domain.spread.offers import target_errors
from engine.domain.steps import Step


def save_draft(record: Record, body: c.SaveDraft) -> None:
    """What the step says from now on; the owner's, while it is with the owner."""
    refuse_others(record.state, record.actor)
    refuse_unless_writing(record.state)
    refuse_other_step(record.state, body.deliverable)
    record.add(e.DraftSaved(step=record.state.step, deliverable=body.deliverable))


def submit(record: Record, body: c.Submit) -> None:
    """Hands the step in, with what the working copy says, or tells everything that is still missing."""
    refuse_others(record.state, record.actor)
    refuse_unless_writing(record.state)
    state, route = handing_in(record.state, body.taken), body.route
    if route is None:
        raise conflict("no_decider")
    blocking = state.open_conditions(blocking=True)
    if blocking and state.step is Step.IMAGINE:
        raise conflict("conditions_open", numbers=", ".join(str(one.n) for one in blocking))
    today = local_date(record.at, route.utc_offset_minutes)
    opened_on = local_date(state.created_at, route.utc_offset_minutes)
    errors = submission_errors(state, route.terms, today, opened_on)
    known = (*errors, NOT_TAKEN) if body.taken is not None else errors
    errors += tuple(one for one in body.findings if one not in known)
    if errors:
        raise invalid(*errors)
    deliverable = state.deliverables.of(state.step)
    point = gist(deliverable)
    record.add(
        e.StepSubmitted(
            step=state.step,
            round=state.round + 1,
            content_hash=content_hash(deliverable),
            message=body.message,
            route=route,
            gist=point,
            kept=state.returned.kept(point, route) if state.returned else (),
            deliverable=body.taken.deliverable if body.taken else None,
            draft=body.taken.revision if body.taken else None,
            draft_by_token_of=body.taken.by_token_of if body.taken else None,
        )
    )
    open_next_stages(record, route, min(stage.order for stage in route.stages), body.away)
    if route.circulate:
        record.add(Circulated(step=state.step, round=state.round + 1, posts=route.circulate))


def _drafted(situation: Situation) -> Iterable[Try]:
    state = situation.state
    yield Move.SAVE_DRAFT, c.SaveDraft(deliverable=state.deliverables.of(state.step))


def _look_up(body: c.Submit, world: World) -> dict[str, object]:
    facts, targets = world.facts, world.targets
    state = handing_in(world.state, body.taken)
    world = replace(world, state=state)
    route = route_for(state, facts.policy, facts.organisation, facts.today, facts.closed_days, joins=targets)
    route = explained(route, state, facts.policy, facts.organisation)
    marked = (NOT_TAKEN,) if body.taken is not None else ()
    return {"route": route, "findings": (*_findings(world), *marked), "away": away(route, world)}


def _findings(world: World) -> tuple[FieldError, ...]:
    """What only the organisation and other cycles can tell about the next cycles of a Share that is handed in."""
    state, facts = world.state, world.facts
    if state.step is not Step.SHARE:
        return ()
    known = {one.cycle_id: one for one in world.targets}
    errors = join_errors(state, known, facts.policy.growth, facts.organisation)
    wrong = {error.pointer.rsplit("/", 1)[0] for error in errors}
    try:
        plan_next(state, facts.organisation, facts.today, facts.policy.utc_offset_minutes, known)
    except DomainError as error:
        errors += tuple(one for one in error.refusal.errors if one.pointer.rsplit("/", 1)[0] not in wrong)
    targets_wrong = target_errors(
        state, state.deliverables.share.spread_targets, facts.organisation, "/spread_targets"
    )
    return (*errors, *targets_wrong)


_SUBMITTED = done("step_submitted", "stage_opened", "circulated", to=IN_REVIEW)
HANDLERS = (
    Handler(
        c.SaveDraft, save_draft, {Move.SAVE_DRAFT: TableRow("save_draft", writing(done("draft_saved")))}, _drafted
    ),
    Handler(
        c.Submit,
        submit,
        {Move.SUBMIT: TableRow("submit", writing(_SUBMITTED), lacking="invalid_fields")},
        always((Move.SUBMIT, c.Submit())),
        _look_up,
    ),
)
