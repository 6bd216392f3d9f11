"""From a policy and an organisation to a frozen route: stages that name posts (field.md 2.2 and 5.2)."""

from collections.abc import Iterable, Sequence
from datetime import date

from engine.domain.approvals import DueRule, Route, Stage, StageKind, Terms
from engine.domain.deliverables.transform import CheckResult
from engine.domain.errors import conflict
from engine.domain.joining import JoinTarget
from engine.domain.organisation import Duty, Organisation, PostRef, UnitLevel
from engine.domain.policy import Concurrence, Policy, Rule, StageRule
from engine.domain.receiving import with_receiving_heads
from engine.domain.roadmap import Governance
from engine.domain.scope import OrgScope
from engine.domain.state import CycleState
from engine.domain.steps import Step

_LEVEL_ABOVE = {
    OrgScope.UNIT: UnitLevel.SECTION,
    OrgScope.SECTION: UnitLevel.DEPARTMENT,
}


def route_for(  # noqa: PLR0913 - the facts of the day, each named
    state: CycleState,
    policy: Policy,
    organisation: Organisation,
    on: date,
    closed_days: Iterable[date],
    *,
    joins: Iterable[JoinTarget] = (),
) -> Route:
    """The route a submission of the current step takes on that day; `joins` are the cycles its Share wants to join.

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
        baselines_bind=True,
    )
    rules = _with_concurrence(rule.stages, concurring(state, policy, organisation, on))
    flagged = policy.flags_raise and bool(state.deliverables.imagine.escalation_flags)
    stages: list[Stage] = []
    for number, stage_rule in enumerate(rules, start=1):
        order = stages[-1].order if stages and stage_rule.beside_previous else number
        posts = tuple(dict.fromkeys(_post(pattern, state, organisation) for pattern in stage_rule.posts))
        if flagged and stage_rule.kind is StageKind.FINAL:
            posts = tuple(superior(post, organisation) or post for post in posts)
        stages.append(_stage(number, order, posts, stage_rule, rule, policy, organisation))
    stages = with_receiving_heads(stages, state, organisation, on, joins)
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


def concurring(state: CycleState, policy: Policy, organisation: Organisation, on: date) -> tuple[Duty, ...]:
    """Who must be asked beside the line: what the drafter named, and what the policy's triggers find in the step.

    A duty that nobody holds, or only the owner, is left out: there is nobody to ask.
    """
    asked = [Duty(one.value) for one in state.deliverables.imagine.concurrence] if state.step is Step.IMAGINE else []
    for trigger in policy.concurrence:
        cross_agency = trigger.cross_agency and state.governance is Governance.CROSS_AGENCY
        if (state.step is Step.IMAGINE and cross_agency) or _triggered(trigger, state, policy):
            asked.append(trigger.duty)
    return tuple(
        duty
        for duty in dict.fromkeys(asked)
        if set(organisation.holders(PostRef(kind="duty", duty=duty), on)) - {state.owner}
    )


def _triggered(trigger: Concurrence, state: CycleState, policy: Policy) -> bool:
    """Whether what Transform hands in concerns the duty; a small improvement is not burdened."""
    if state.step is not Step.TRANSFORM or state.org_scope.rank < policy.concurrence_from.rank:
        return False
    transform = state.deliverables.transform
    cost = (transform.cost_initial_yen or 0) + (transform.cost_running_yen or 0)
    privacy = transform.checks.privacy if transform.checks else None
    return (
        (trigger.cost_above_yen is not None and cost > trigger.cost_above_yen)
        or (trigger.new_system and bool(transform.tools))
        or (trigger.rule_change and bool(transform.rule_changes))
        or (trigger.personal_data and privacy not in (None, CheckResult.NA))
    )


def _with_concurrence(stages: Sequence[StageRule], duties: Sequence[Duty]) -> tuple[StageRule, ...]:
    """The duties as one stage, side by side, before the final decision; none is asked twice."""
    named = {post for stage in stages for post in stage.posts}
    posts = tuple(post for duty in duties if (post := f"duty@{duty.value}") not in named)
    if not posts:
        return tuple(stages)
    before = [stage for stage in stages if stage.kind is not StageKind.FINAL]
    final = [stage for stage in stages if stage.kind is StageKind.FINAL]
    return (*before, StageRule(kind=StageKind.CONCURRENCE, posts=posts, quorum="all"), *final)


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
