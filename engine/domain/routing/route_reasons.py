"""Why each post stands in a route, as codes; the texts for people live at the edges."""

from collections.abc import Iterator

from engine.domain.cycle.state import CycleState
from engine.domain.deliverables.transform import CheckResult
from engine.domain.organisation.organisation import Organisation, PostRef
from engine.domain.review.policy import Policy
from engine.domain.review.review import Reason, Route, Stage, StageKind
from engine.domain.routing.route_builder import one_above
from engine.domain.steps import Step


def explained(route: Route, state: CycleState, policy: Policy, organisation: Organisation) -> Route:
    """The route with a reason for every post, frozen with it; a later policy does not change what was said."""
    stages = tuple(
        stage.model_copy(update={"reasons": tuple(_stage_reasons(stage, state, policy, organisation))})
        for stage in route.stages
    )
    return route.model_copy(update={"stages": stages})


def _stage_reasons(stage: Stage, state: CycleState, policy: Policy, organisation: Organisation) -> Iterator[Reason]:
    for post in stage.posts:
        if stage.reason is not None:
            yield Reason(code=stage.reason, post=post)
            continue
        match stage.kind:
            case StageKind.LINE:
                found = _line(post, state, organisation)
            case StageKind.CONCURRENCE:
                found = list(_concurrence(post, state, policy))
            case StageKind.FINAL:
                found = _final(post, state, policy, organisation)
        yield from found or [Reason(code="named_by_policy", post=post, params={"policy": policy.id})]


def _line(post: PostRef, state: CycleState, organisation: Organisation) -> list[Reason]:
    if post.unit == state.org_unit:
        return [Reason(code="own_head", post=post)]
    above = post.unit is not None and organisation.is_same_or_ancestor(post.unit, state.org_unit)
    return [Reason(code="line_superior", post=post)] if above else []


def _final(post: PostRef, state: CycleState, policy: Policy, organisation: Organisation) -> list[Reason]:
    scope = {"scope": state.org_scope.value}
    flags = state.deliverables.imagine.escalation_flags
    if policy.flags_raise and flags:
        return [Reason(code="flags_raise", post=post, params={"flags": ", ".join(flags)})]
    expected = one_above(state.org_scope, state.org_unit, organisation)
    return [Reason(code="one_above", post=post, params=scope)] if post == expected else []


def _concurrence(post: PostRef, state: CycleState, policy: Policy) -> Iterator[Reason]:
    imagine, transform = state.deliverables.imagine, state.deliverables.transform
    if state.step is Step.IMAGINE and post.duty is not None and post.duty.value in imagine.concurrence:
        yield Reason(code="drafter_wishes", post=post)
    for trigger in policy.concurrence:
        if trigger.duty is not post.duty:
            continue
        if state.step is Step.IMAGINE and trigger.cross_agency:
            yield Reason(code="cross_agency", post=post)
        if state.step is not Step.TRANSFORM:
            continue
        cost = (transform.cost_initial_yen or 0) + (transform.cost_running_yen or 0)
        if trigger.cost_above_yen is not None and cost > trigger.cost_above_yen:
            params = {"cost": f"{cost:,.0f}", "limit": f"{trigger.cost_above_yen:,.0f}"}
            yield Reason(code="cost_above_limit", post=post, params=params)
        if trigger.new_system and transform.tools:
            yield Reason(code="new_system", post=post)
        if trigger.rule_change and transform.rule_changes:
            yield Reason(code="rule_change", post=post)
        if trigger.staffing and (transform.staffing_change or "").strip():
            yield Reason(code="staffing", post=post)
        if trigger.personal_data and transform.checks and transform.checks.privacy not in (None, CheckResult.NA):
            yield Reason(code="personal_data", post=post)
