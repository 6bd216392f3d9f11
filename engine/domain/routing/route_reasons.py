"""Why each post stands in a route, as codes; the texts for people live at the edges."""

from collections.abc import Iterator

from engine.domain.cycle.state import CycleState
from engine.domain.organisation.organisation import Organisation, PostRef
from engine.domain.review.policy import Policy
from engine.domain.review.review import Reason, Route, Stage, StageKind
from engine.domain.routing.concurrence import triggered
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
    wished = state.deliverables.imagine.concurrence if state.step is Step.IMAGINE else ()
    if post.duty is not None and post.duty.value in wished:
        yield Reason(code="drafter_wishes", post=post)
    for trigger in policy.concurrence:
        if trigger.duty is post.duty:
            for code, params in triggered(trigger, state, policy):
                yield Reason(code=code, post=post, params=params)
