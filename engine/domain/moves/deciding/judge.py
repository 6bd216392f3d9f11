"""A decider's moves: approve, with conditions, return, hold, reject (docs/field/deciding.md)."""

from datetime import date, datetime
from typing import assert_never

from engine.domain.calendar import condition_limit, local_date, start_of
from engine.domain.cycle import commands as c
from engine.domain.cycle import events as e
from engine.domain.cycle.recorder import Record, needed_text, open_next_stages
from engine.domain.cycle.state import CycleState
from engine.domain.effects.measured import measured
from engine.domain.errors import FieldError, conflict, forbidden, invalid, invalid_at
from engine.domain.moves.beside.consult import owe_post_reviews
from engine.domain.moves.deciding.send_back import send_back
from engine.domain.organisation.organisation import Grant
from engine.domain.review.review import FINAL_ONLY, Action, Mode, Review, Stage, StageKind, Vote
from engine.domain.steps import CycleStatus, Step

_STANDING = ("post", "proxy", "escalation", "pull_up")


def judge(record: Record, body: c.Decide) -> None:
    """Applies one decision to the record, or raises."""
    review = _round_under_way(record.state, body)
    grant, stage = _granted(record, review, body)
    record.on_behalf_of = grant.on_behalf_of
    if body.action in FINAL_ONLY and stage.kind is not StageKind.FINAL:
        raise forbidden("final_decider_only", action=body.action.value)
    if body.action is Action.OPPOSE and stage.mode is not Mode.OPINION:
        raise forbidden("oppose_in_opinion_only")
    before = record.state
    match body.action:
        case Action.APPROVE | Action.APPROVE_WITH_CONDITIONS | Action.OPPOSE:
            _vote(record, review, stage, grant, body)
        case Action.RETURN:
            send_back(record, review, stage, grant, body)
        case Action.HOLD:
            _hold(record, review, grant, body)
        case Action.REJECT:
            record.add(
                e.CycleRejected(
                    step=before.step,
                    round=review.round,
                    post=grant.post,
                    reason=needed_text(body.reason, "/reason"),
                    tell=before.concurring_posts(),
                    acted_as=grant.why,
                )
            )
        case _:
            assert_never(body.action)
    owe_post_reviews(record, grant, before)


def _round_under_way(state: CycleState, body: c.Decide) -> Review:
    """The review, if the decision is meant for it; else what happened instead."""
    if state.review is None or body.round != state.round:
        last = state.decisions[-1] if state.decisions else None
        raise conflict(
            "round_over",
            round=str(state.round),
            step=state.step.value,
            step_status=state.step_status.value,
            by=last.by if last else "",
            action=last.action.value if last else "",
            at=last.at.isoformat() if last else "",
        )
    return state.review


def _granted(record: Record, review: Review, body: c.Decide) -> tuple[Grant, Stage]:
    """The post this person acts for, and its stage; nobody decides their own work."""
    state = record.state
    if record.actor == state.owner:
        raise forbidden("own_work")
    if state.status is CycleStatus.ON_HOLD:
        raise conflict("on_hold", until=state.hold.until.isoformat() if state.hold else "")
    usable = [
        (grant, stage)
        for grant in body.grants
        if grant.person_id == record.actor and (stage := review.stage_of(grant.post)) is not None
    ]
    if not usable:
        raise forbidden("not_your_decision", posts=", ".join(str(post) for post in review.open_posts()))
    # one's own post comes before a proxy's and both before a pull-up: nobody acts for another without need
    grant, stage = min(usable, key=lambda pair: _STANDING.index(pair[0].why))
    flagged = bool(state.deliverables.imagine.escalation_flags)
    if grant.why == "proxy" and flagged and stage.kind is StageKind.FINAL and not (body.reason or "").strip():
        raise invalid_at("/reason", "proxy_needs_reason")  # 代決 is not for important matters, unless it says why
    return grant, stage


def _vote(record: Record, review: Review, stage: Stage, grant: Grant, body: c.Decide) -> None:
    state = record.state
    conditions = _conditions(record, review, body)
    opposes = body.action is Action.OPPOSE
    reason = needed_text(body.reason, "/reason") if opposes else body.reason
    closes = review.closes(stage, grant.post)
    is_last = closes and len(review.open) == 1 and not review.route.stages_from(stage.order + 1)
    if is_last and state.step is Step.SHARE:
        still_open = state.open_conditions()
        if still_open:
            raise conflict("conditions_open", numbers=", ".join(str(one.n) for one in still_open))
        if body.plan is None:
            raise conflict("plan_missing")
    record.add(
        e.StageVoted(
            round=review.round,
            step=state.step,
            vote=Vote(
                stage=stage.key,
                post=grant.post,
                person=record.actor,
                on_behalf_of=grant.on_behalf_of,
                acted_as=grant.why,
                opposes=opposes,
            ),
            closes=closes,
            action=body.action,
            reason=reason,
            kind=stage.kind,
        )
    )
    if not closes or (record.state.review is not None and record.state.review.open):
        return
    if open_next_stages(record, review.route, stage.order + 1, body.away):
        return
    _finish_step(record, review, body, conditions)


def _finish_step(record: Record, review: Review, body: c.Decide, conditions: tuple[e.Condition, ...]) -> None:
    step, state = record.state.step, record.state
    record.add(e.StepApproved(step=step, round=review.round, conditions=conditions))
    deliverables, terms = state.deliverables, review.route.terms
    if step is Step.IMAGINE and terms.baselines_bind and (changes := state.changed_targets()):
        known = bool(deliverables.realise.results)
        record.add(e.TargetsAmended(round=review.round, changes=changes, results_known=known))
    if step in (Step.IMAGINE, Step.REALISE):
        realise = deliverables.realise if step is Step.REALISE else None
        effects = measured(deliverables.imagine, deliverables.transform, realise, terms.hourly_rate_yen)
        if realise is not None and terms.baselines_bind:
            effects = effects.model_copy(update={"hourly_rate_yen": terms.hourly_rate_yen})
        record.add(e.EffectMeasured(effects=effects))
    if step is Step.SHARE:
        record.add(
            e.CycleCompleted(
                next=body.plan or (),
                closing=tuple(item.kind for item in deliverables.share.next if item.kind is not None),
            )
        )


def _conditions(record: Record, review: Review, body: c.Decide) -> tuple[e.Condition, ...]:
    if body.action is not Action.APPROVE_WITH_CONDITIONS:
        if body.conditions:
            raise invalid_at("/conditions", "only_with_conditions")
        return ()
    if not body.conditions:
        raise invalid_at("/conditions", "missing")
    today = local_date(record.at, review.route.utc_offset_minutes)
    latest = condition_limit(today, review.route.terms.condition_months)
    errors: list[FieldError] = []
    for index, asked in enumerate(body.conditions):
        if not asked.text.strip():
            errors.append(FieldError(pointer=f"/conditions/{index}/text", code="missing"))
        if asked.due is None:
            errors.append(FieldError(pointer=f"/conditions/{index}/due", code="missing"))
        elif not today <= asked.due <= latest:
            errors.append(FieldError(pointer=f"/conditions/{index}/due", code="not_within_three_months"))
    if errors:
        raise invalid(*errors)
    first = max((one.n for one in record.state.conditions), default=0) + 1
    return tuple(
        e.Condition(
            n=first + index,
            text=asked.text.strip(),
            owner=asked.owner or record.state.owner,
            due=asked.due or today,
            step=record.state.step,
        )
        for index, asked in enumerate(body.conditions)
    )


def _hold(record: Record, review: Review, grant: Grant, body: c.Decide) -> None:
    until = _hold_until(body.hold_until, record.at, review.route.utc_offset_minutes)
    record.add(
        e.ReviewHeld(
            step=record.state.step,
            round=review.round,
            post=grant.post,
            until=until,
            reason=body.reason,
            acted_as=grant.why,
        )
    )


def _hold_until(until: date | datetime | None, at: datetime, offset: int) -> datetime:
    """保留 ends by itself: at the start of the named office day, or at the named instant."""
    if until is None:
        raise invalid_at("/hold_until", "missing")
    moment = until if isinstance(until, datetime) else start_of(until, offset)
    if moment.tzinfo is None:
        raise invalid_at("/hold_until", "needs_a_time_zone")
    if moment <= at:
        raise invalid_at("/hold_until", "not_in_the_future")
    return moment
