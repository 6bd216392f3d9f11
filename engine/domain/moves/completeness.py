"""What a submission still lacks or contradicts, each with the pointer of its field (docs/field/steps.md)."""

from collections.abc import Iterator
from datetime import date

from engine.domain.cycle.state import CycleState
from engine.domain.deliverables import Imagine, Realise, Share, Transform
from engine.domain.deliverables.imagine import MetricKind
from engine.domain.deliverables.realise import Verdict
from engine.domain.deliverables.required import Profile, missing
from engine.domain.deliverables.share import Next, NextKind
from engine.domain.deliverables.transform import ActionStatus, CheckResult
from engine.domain.errors import FieldError
from engine.domain.moves.baselines import baseline_errors
from engine.domain.review.review import Terms
from engine.domain.roadmap import Governance
from engine.domain.scope import Scope
from engine.domain.steps import Step
from engine.domain.units import out_of_range, same_unit


def submission_errors(
    state: CycleState, terms: Terms, today: date, opened_on: date | None = None
) -> tuple[FieldError, ...]:
    """Everything that keeps the current step from being submitted; empty when it can be.

    `today` and `opened_on`, the day the cycle began, are days in the office.
    """
    found: list[FieldError] = list(missing(state.deliverables.of(state.step), terms.profile))
    match state.step:
        case Step.IMAGINE:
            found += _imagine(state, state.deliverables.imagine, terms)
            if terms.baselines_bind:
                found += baseline_errors(state, terms.profile, today, opened_on or today)
        case Step.TRANSFORM:
            found += _transform(state.deliverables.transform, terms)
        case Step.REALISE:
            found += _realise(state.deliverables.imagine, state.deliverables.realise, terms)
        case Step.SHARE:
            found += _share(state, state.deliverables.share, terms, today)
    return tuple(error for index, error in enumerate(found) if error not in found[:index])


def _imagine(state: CycleState, imagine: Imagine, terms: Terms) -> Iterator[FieldError]:
    full = terms.profile is Profile.FULL
    seen: set[str] = set()
    for index, metric in enumerate(imagine.metrics):
        here = f"/metrics/{index}"
        if metric.code in seen:
            yield FieldError(pointer=f"{here}/code", code="duplicate_code", params={"code": metric.code or ""})
        seen.add(metric.code or "")
        for name in ("baseline", "target"):
            if out_of_range(getattr(metric, name), metric.unit):
                yield FieldError(
                    pointer=f"{here}/{name}", code="out_of_unit_range", params={"unit": metric.unit or ""}
                )
        inherited = state.inheritance.metric_units.get(metric.code or "") if state.inheritance else None
        if inherited and metric.unit and not same_unit(inherited, metric.unit):
            yield FieldError(
                pointer=f"{here}/unit", code="unit_differs", params={"unit": metric.unit, "expected": inherited}
            )
    if full and imagine.metrics and all(metric.kind is not MetricKind.OUTCOME for metric in imagine.metrics):
        yield FieldError(pointer="/metrics", code="no_outcome_metric")
    if full and imagine.left_behind is not None and imagine.left_behind.groups is None:
        yield FieldError(pointer="/left_behind/groups", code="missing")
    if state.governance is Governance.CROSS_AGENCY and not imagine.milestones:
        yield FieldError(pointer="/milestones", code="missing")


def _transform(transform: Transform, terms: Terms) -> Iterator[FieldError]:
    if transform.checks is not None:
        for name in ("security", "privacy", "accessibility"):
            if getattr(transform.checks, name) is CheckResult.NG:
                yield FieldError(pointer=f"/checks/{name}", code="check_not_passed")
    for index, trial in enumerate(transform.trials):
        if trial.start and trial.to and trial.to < trial.start:
            yield FieldError(pointer=f"/trials/{index}/to", code="ends_before_it_starts")
    if terms.profile is not Profile.FULL:
        return
    for index, action in enumerate(transform.actions):
        if action.status in (ActionStatus.TODO, ActionStatus.DOING):
            yield FieldError(pointer=f"/actions/{index}/status", code="action_not_finished")
        elif action.status is ActionStatus.DROPPED and not (action.reason or "").strip():
            yield FieldError(pointer=f"/actions/{index}/reason", code="missing")


def _realise(imagine: Imagine, realise: Realise, terms: Terms) -> Iterator[FieldError]:
    metrics = {metric.code or "": metric for metric in imagine.metrics}
    seen: set[str] = set()
    for index, result in enumerate(realise.results):
        here = f"/results/{index}"
        code = result.metric or ""
        if code and code not in metrics:
            yield FieldError(pointer=f"{here}/metric", code="unknown_metric", params={"code": code})
        elif code and code in seen:
            yield FieldError(pointer=f"{here}/metric", code="duplicate_code", params={"code": code})
        elif code and out_of_range(result.value, metrics[code].unit):
            yield FieldError(
                pointer=f"{here}/value", code="out_of_unit_range", params={"unit": metrics[code].unit or ""}
            )
        seen.add(code)
        if result.start and result.to and result.to < result.start:
            yield FieldError(pointer=f"{here}/to", code="ends_before_it_starts")
    for code in metrics:
        if realise.results and code not in seen:
            yield FieldError(pointer="/results", code="metric_without_result", params={"code": code})
    if terms.profile is not Profile.FULL:
        return
    days = realise.observation_days
    if days is not None and days < terms.observation_days:
        yield FieldError(
            pointer="/observation_days", code="observed_too_short", params={"days": str(terms.observation_days)}
        )
    if realise.verdict in (Verdict.NOT, Verdict.WORSE) and not (realise.cause or "").strip():
        yield FieldError(pointer="/cause", code="missing")


def _share(state: CycleState, share: Share, terms: Terms, today: date) -> Iterator[FieldError]:
    for index, following in enumerate(share.next):
        here = f"/next/{index}"
        if following.join is not None:
            yield from _join(following, here)
            continue
        match following.kind:
            case NextKind.EXPAND:
                yield from _expansion(state.scope, following, terms, here)
            case NextKind.RETRY | NextKind.SUSTAIN:
                yield from _same_scope(state, following, here)
                if following.kind is NextKind.SUSTAIN and following.review_on is None:
                    yield FieldError(pointer=f"{here}/review_on", code="missing")
                elif following.review_on is not None and following.review_on <= today:
                    yield FieldError(pointer=f"{here}/review_on", code="not_in_the_future")
            case NextKind.CLOSE:
                if len(share.next) > 1:
                    yield FieldError(pointer=f"{here}/kind", code="close_stands_alone")
            case None:
                pass


def _join(following: Next, here: str) -> Iterator[FieldError]:
    """Only an expansion flows into a larger cycle, and that one's place is given."""
    if following.kind not in (NextKind.EXPAND, None):
        yield FieldError(pointer=f"{here}/kind", code="join_expands")
    for name in ("org_scope", "org_unit", "work_scope"):
        if getattr(following, name) is not None:
            yield FieldError(pointer=f"{here}/{name}", code="join_has_its_place")


def _expansion(now: Scope, following: Next, terms: Terms, here: str) -> Iterator[FieldError]:
    larger = following.scope_after(now)
    if now.is_top:
        yield FieldError(pointer=f"{here}/kind", code="nothing_larger")
    elif not now.grows_into(larger, terms.growth):
        place = "work_scope" if following.org_scope in (None, now.org) and following.work_scope else "org_scope"
        yield FieldError(pointer=f"{here}/{place}", code="scope_does_not_grow", params={"rule": terms.growth.value})
    elif now.skips_into(larger) and not (following.reason or "").strip():
        yield FieldError(pointer=f"{here}/reason", code="skip_needs_reason")


def _same_scope(state: CycleState, following: Next, here: str) -> Iterator[FieldError]:
    if following.org_scope not in (None, state.org_scope):
        yield FieldError(pointer=f"{here}/org_scope", code="keeps_its_scope")
    if following.work_scope not in (None, state.work_scope):
        yield FieldError(pointer=f"{here}/work_scope", code="keeps_its_scope")
