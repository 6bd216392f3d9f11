"""From a policy and an organisation to a frozen route: stages that name posts (field.md 2.2 and 5.2)."""

from collections.abc import Iterable, Sequence
from datetime import date

from engine.domain.approvals import DueRule, Route, Stage, StageKind, Terms
from engine.domain.errors import conflict
from engine.domain.organisation import Duty, Organisation, PostRef, UnitLevel
from engine.domain.policy import Policy, Rule, StageRule
from engine.domain.scope import OrgScope
from engine.domain.state import CycleState

_LEVEL_ABOVE = {
    OrgScope.UNIT: UnitLevel.SECTION,
    OrgScope.SECTION: UnitLevel.DEPARTMENT,
}


def route_for(
    state: CycleState, policy: Policy, organisation: Organisation, on: date, closed_days: Iterable[date]
) -> Route:
    """The route a submission of the current step takes on that day.

    Raises:
        DomainError: `no_decider` when nobody but the owner could decide.
    """
    rule = policy.rule_for(state.step, state.org_scope, state.governance, state.deliverables.imagine.escalation_flags)
    terms = Terms(
        policy_id=policy.id,
        profile=policy.profile(state.org_scope),
        observation_days=policy.observation_days if rule.observation_days is None else rule.observation_days,
        growth=policy.growth,
        hourly_rate_yen=policy.hourly_rate_yen,
    )
    stages: list[Stage] = []
    for number, stage_rule in enumerate(rule.stages, start=1):
        order = stages[-1].order if stages and stage_rule.beside_previous else number
        posts = tuple(dict.fromkeys(_post(pattern, state, organisation) for pattern in stage_rule.posts))
        stages.append(_stage(number, order, posts, stage_rule, rule, policy, organisation))
    for stage in stages:
        for post in stage.posts:
            if not organisation.deciders(post, on, excluding=state.owner):
                raise conflict("no_decider", post=str(post))
    return Route(
        stages=tuple(stages),
        terms=terms,
        closed_days=tuple(closed_days),
        utc_offset_minutes=policy.utc_offset_minutes,
    )


def _stage(  # noqa: PLR0913, PLR0917 - the three levels a setting can come from
    number: int,
    order: int,
    posts: tuple[PostRef, ...],
    stage_rule: StageRule,
    rule: Rule,
    policy: Policy,
    organisation: Organisation,
) -> Stage:
    return Stage(
        key=f"{number}-{stage_rule.kind.value}",
        order=order,
        kind=stage_rule.kind,
        posts=posts,
        quorum=stage_rule.quorum,
        due=stage_rule.due or rule.due or policy.due,
        reminders=stage_rule.reminders or rule.reminders or policy.reminders,
        escalate_after=_first_rule(stage_rule.escalate_after, rule.escalate_after, policy.escalate_after),
        escalate_to=superior(posts[0], organisation),
    )


def _first_rule(*rules: DueRule | None) -> DueRule | None:
    return next((rule for rule in rules if rule is not None), None)


def _post(pattern: str, state: CycleState, organisation: Organisation) -> PostRef:
    match pattern:
        case "own_head":
            return PostRef(kind="head", unit=state.org_unit)
        case "one_above":
            return one_above(state.org_scope, state.org_unit, organisation)
        case named:
            return PostRef.parse(named)


def one_above(scope: OrgScope, org_unit: str, organisation: Organisation) -> PostRef:
    """The post that decides one level above a scope: 係長, 課長, 部長, 副市長/CDO, 市長."""
    match scope:
        case OrgScope.INDIVIDUAL:
            return PostRef(kind="head", unit=org_unit)
        case OrgScope.UNIT | OrgScope.SECTION:
            wanted = _LEVEL_ABOVE[scope]
            lineage = organisation.ancestors(org_unit)
            above = next((unit for unit in lineage if unit.level == wanted), lineage[0] if lineage else None)
            return PostRef(kind="head", unit=above.code if above else org_unit)
        case OrgScope.DEPARTMENT:
            return PostRef(kind="duty", duty=Duty.CDO)
        case OrgScope.CITYWIDE:
            return PostRef(kind="head", unit=organisation.citywide().code)


def superior(post: PostRef, organisation: Organisation) -> PostRef | None:
    """To whom an overdue stage escalates: the head above; None above the mayor."""
    top = PostRef(kind="head", unit=organisation.citywide().code)
    if post == top:
        return None
    if post.kind == "duty" or post.unit is None:
        return top
    parent = organisation.parent(post.unit)
    return PostRef(kind="head", unit=parent.code) if parent else None


def has_one_final_stage(stages: Sequence[StageRule]) -> bool:
    """Exactly one stage decides (決定権者は一人だけ), and it is the last."""
    kinds = [stage.kind for stage in stages]
    return kinds.count(StageKind.FINAL) == 1 and kinds[-1] is StageKind.FINAL
