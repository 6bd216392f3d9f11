"""`decide(state, command, at) -> (events, state)`: what a command does, or a `DomainError` and nothing at all."""

from datetime import datetime
from typing import assert_never

from engine.domain.calendar import local_date
from engine.domain.cycle import commands as c
from engine.domain.cycle import events as e
from engine.domain.cycle.recorder import Record, Transition, needed_text, open_next_stages
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.versions import content_hash
from engine.domain.cycle.visibility import SetVisibility
from engine.domain.cycle.working_copy import (
    NOT_TAKEN,
    handing_in,
    refuse_other_step,
    refuse_others,
    refuse_unless_writing,
)
from engine.domain.errors import Category, DomainError, conflict, forbidden, invalid, not_found
from engine.domain.lineage.join import join
from engine.domain.moves.beside import consult as answering
from engine.domain.moves.beside.assign_startup import assign
from engine.domain.moves.beside.attach import attach, detach
from engine.domain.moves.beside.visibility import set_visibility
from engine.domain.moves.completeness import submission_errors
from engine.domain.moves.deciding.judge import judge
from engine.domain.moves.deciding.retract import retract
from engine.domain.moves.table.rows import TAKEN_AFTER_THE_END
from engine.domain.review.consultation import Circulated
from engine.domain.review.key_fields import gist
from engine.domain.steps import CycleStatus, Step, StepStatus


def decide(  # noqa: C901, PLR0912 - one branch for each command
    state: CycleState, command: c.Command, at: datetime
) -> Transition:
    """The events of `command`, numbered after the state's revision, and the state after them.

    Each event is applied once, here; whoever goes on takes the state that is given.

    Raises:
        DomainError: refused; nothing has changed.
    """
    if command.if_revision is not None and command.if_revision != state.revision:
        raise DomainError("revision_differs", Category.STALE, params={"revision": str(state.revision)})
    if not state.status.is_open and command.body.type not in TAKEN_AFTER_THE_END:
        raise conflict("cycle_closed", status=state.status.value)
    record = Record(state, at, command)
    body = command.body
    match body:
        case c.SaveDraft():
            _save_draft(record, body)
        case c.Submit():
            _submit(record, body)
        case c.Decide():
            judge(record, body)
        case c.PullBack():
            _pull_back(record)
        case c.Retract():
            retract(record, body)
        case c.Withdraw():
            _owner_only(record)
            reason = needed_text(body.reason, "/reason")
            record.add(e.CycleWithdrawn(reason=reason, tell=state.concurring_posts()))
        case c.Resume():
            _resume(record, body)
        case c.Comment():
            record.add(e.Commented(text=needed_text(body.text, "/text"), mentions=body.mentions))
        case c.CloseCondition():
            _close_condition(record, body)
        case c.JoinParent():
            join(record, body)
        case c.Ask():
            answering.ask(record, body)
        case c.AnswerQuestion():
            answering.answer_question(record, body)
        case c.Acknowledge():
            answering.acknowledge(record, body)
        case c.ReadAfterwards():
            answering.post_review(record, body)
        case c.Attach():
            attach(record, body)
        case c.Detach():
            detach(record, body)
        case SetVisibility():
            set_visibility(record, body)
        case c.AssignStartup():
            assign(record, body.startup, body.place, steers=body.steers)
        case _:
            assert_never(body)
    return record.transition


def _owner_only(record: Record) -> None:
    refuse_others(record.state, record.actor)


def _save_draft(record: Record, body: c.SaveDraft) -> None:
    _owner_only(record)
    refuse_unless_writing(record.state)
    refuse_other_step(record.state, body.deliverable)
    record.add(e.DraftSaved(step=record.state.step, deliverable=body.deliverable))


def _submit(record: Record, body: c.Submit) -> None:
    _owner_only(record)
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


def _pull_back(record: Record) -> None:
    """引戻し: only while the next approver has not acted."""
    _owner_only(record)
    state = record.state
    if state.step_status is not StepStatus.IN_REVIEW or state.review is None:
        raise conflict("not_in_review", step=state.step.value)
    acted = [one for one in state.decisions if one.round == state.round]
    if acted:
        raise conflict("already_acted", by=acted[-1].by, action=acted[-1].action.value)
    record.add(e.PulledBack(step=state.step, round=state.round))


def _resume(record: Record, body: c.Resume) -> None:
    state = record.state
    if state.status is not CycleStatus.ON_HOLD:
        raise conflict("not_on_hold")
    if state.review is None:
        _owner_only(record)
    elif not any(grant.post in state.open_posts() for grant in body.grants):
        raise forbidden("not_your_decision")
    record.add(e.HoldEnded(early=True))


def _close_condition(record: Record, body: c.CloseCondition) -> None:
    state = record.state
    condition = next((one for one in state.conditions if one.n == body.n), None)
    if condition is None:
        raise not_found("unknown_condition", n=str(body.n))
    if record.actor not in (condition.owner, state.owner):
        raise forbidden("not_your_condition", owner=condition.owner)
    if condition.closed_at is not None:
        raise conflict("condition_closed_already", n=str(body.n))
    record.add(e.ConditionClosed(n=body.n, evidence=needed_text(body.evidence, "/evidence")))
