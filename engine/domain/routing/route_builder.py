"""From a policy and an organisation to a frozen route of stages naming posts (docs/field/deciding.md, ladders.md)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from engine.domain.cycle.state import CycleState
from engine.domain.errors import conflict
from engine.domain.lineage.join import JoinTarget
from engine.domain.organisation.organisation import Duty, Organisation, PostRef, UnitLevel
from engine.domain.review.policy import SUPERIORS, Policy, Rule, StageRule
from engine.domain.review.review import DueRule, Mode, Route, Stage, StageKind, Terms
from engine.domain.routing.concurrence import triggered
from engine.domain.routing.receiving_heads import with_receiving_heads
from engine.domain.scope import OrgScope
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
        condition_months=policy.condition_months,
        post_review=policy.post_review,
        pull_up=policy.pull_up,
        skip_absent=policy.skip_absent,
        business_clock=True,
    )
    rules = _with_concurrence(rule.stages, concurring(state, policy, organisation, on))
    last = _chaser(policy, organisation, on)
    stages: list[Stage] = []
    for stage_rule, posts in _with_posts(rules, state, policy, organisation, on):
        number = len(stages) + 1
        order = stages[-1].order if stages and stage_rule.beside_previous else number
        stages.append(_stage(number, order, posts, last, stage_rule, rule, policy, organisation))
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
        circulate=tuple(dict.fromkeys(_post(pattern, state, organisation) for pattern in rule.circulate)),
    )


def _with_posts(
    rules: Sequence[StageRule], state: CycleState, policy: Policy, organisation: Organisation, on: date
) -> list[tuple[StageRule, tuple[PostRef, ...]]]:
    """Each stage with its posts: `superiors` unfolded, the decider of a flagged matter one level up.

    A post of the line that leads to somebody whom a later stage asks anyway, because it is vacant or the owner's own,
    is left out: nobody is asked twice.
    """
    flagged = policy.flags_raise and bool(state.deliverables.imagine.escalation_flags)
    final = tuple(_post(pattern, state, organisation) for pattern in rules[-1].posts)
    if flagged:
        final = tuple(superior(post, organisation) or post for post in final)
    found: list[tuple[StageRule, tuple[PostRef, ...]]] = []
    for rule in rules[:-1]:
        if SUPERIORS in rule.posts:
            found += [(rule, (post,)) for post in between(state.org_unit, final, organisation)]
        else:
            found.append((rule, tuple(dict.fromkeys(_post(one, state, organisation) for one in rule.posts))))
    found.append((rules[-1], tuple(dict.fromkeys(final))))
    kept: list[tuple[StageRule, tuple[PostRef, ...]]] = []
    for index, (rule, posts) in enumerate(found):
        later = {post for _, others in found[index + 1 :] for post in others}
        line = rule.kind is StageKind.LINE
        asked = tuple(post for post in posts if not (line and _leads_to(post, later, state.owner, organisation, on)))
        if asked:
            kept.append((rule, asked))
    return kept


def _leads_to(post: PostRef, later: set[PostRef], owner: str, organisation: Organisation, on: date) -> bool:
    grants = organisation.deciders(post, on, excluding=owner)
    return bool(grants) and grants[0].held != post and grants[0].held in later


def between(unit: str, deciders: Sequence[PostRef], organisation: Organisation) -> tuple[PostRef, ...]:
    """The heads above a unit, nearest first, up to but without the decider; a duty decides beside the city's head."""
    above: list[PostRef] = []
    for ancestor in organisation.ancestors(unit):
        post = PostRef(kind="head", unit=ancestor.code)
        if post in deciders or ancestor.level is UnitLevel.CITYWIDE:
            break
        above.append(post)
    return tuple(above)


def _chaser(policy: Policy, organisation: Organisation, on: date) -> PostRef | None:
    """Who is told last of all; the head of the city where nobody holds the duty, since nothing may go silent."""
    post = policy.escalate_last
    if post is None or organisation.holders(post, on):
        return post
    return PostRef(kind="head", unit=organisation.citywide().code)


def concurring(state: CycleState, policy: Policy, organisation: Organisation, on: date) -> dict[Duty, Mode]:
    """Who must be asked beside the line: what the drafter named, and what the policy's triggers find in the step.

    A duty that nobody holds, or only the owner, is left out: there is nobody to ask.
    """
    wished = state.deliverables.imagine.concurrence if state.step is Step.IMAGINE else ()
    asked: dict[Duty, Mode] = {Duty(one.value): policy.drafter_concurrence for one in wished}
    for trigger in policy.concurrence:
        if any(triggered(trigger, state, policy)):
            known = asked.get(trigger.duty)
            asked[trigger.duty] = Mode.CONSENT if known is Mode.CONSENT else trigger.mode
    return {
        duty: mode
        for duty, mode in asked.items()
        if set(organisation.holders(PostRef(kind="duty", duty=duty), on)) - {state.owner}
    }


def _with_concurrence(stages: Sequence[StageRule], duties: Mapping[Duty, Mode]) -> tuple[StageRule, ...]:
    """The duties side by side, those whose consent and those whose opinion is asked; none is asked twice.

    They come after the drafter's own line, before its superiors and the final decision (docs/field/deciding.md).
    """
    named = {post for stage in stages for post in stage.posts}
    asked: list[StageRule] = []
    for mode in Mode:
        posts = tuple(
            post for duty, wanted in duties.items() if wanted is mode and (post := f"duty@{duty.value}") not in named
        )
        if posts:
            beside = bool(asked)
            asked.append(StageRule(kind=StageKind.CONCURRENCE, posts=posts, mode=mode, beside_previous=beside))
    place = next(
        (index for index, stage in enumerate(stages) if stage.kind is StageKind.FINAL or SUPERIORS in stage.posts),
        len(stages),
    )
    return (*stages[:place], *asked, *stages[place:])


def _stage(  # noqa: PLR0913, PLR0917 - the three levels a setting can come from
    number: int,
    order: int,
    posts: tuple[PostRef, ...],
    last: PostRef | None,
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
        mode=stage_rule.mode,
        escalate_last_to=None if last in posts else last,
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
