"""決裁経路 as people see it: who decides now and after, who is away, who stands in, by when."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from engine.contracts.lists import Usual
from engine.domain.calendar import local_date
from engine.domain.cycle.state import CycleState
from engine.domain.lineage.join import JoinTarget
from engine.domain.organisation.organisation import Grant, Organisation, PostRef
from engine.domain.review.due_times import opened
from engine.domain.review.facts import Facts
from engine.domain.review.review import OpenStage, Reason, Route, Stage
from engine.domain.routing.route_builder import route_for
from engine.domain.routing.route_reasons import explained
from engine.language.catalogues import Language
from engine.language.route_reasons import reason_text


class AbsenceSpan(BaseModel):
    """Away from `first` to `last`, both included."""

    model_config = ConfigDict(frozen=True)

    first: date
    last: date
    proxy: str | None


class ReasonView(BaseModel):
    """Why a post is asked."""

    model_config = ConfigDict(frozen=True)

    code: str
    post: str
    text: str


class HolderView(BaseModel):
    """A person who may act for the post today."""

    model_config = ConfigDict(frozen=True)

    person_id: str
    name: str
    title: str | None = Field(description="their title at the post")
    why: str = Field(description="post or proxy")
    on_behalf_of: str | None
    away_until: date | None = Field(description="the last day of an absence that covers today")
    absences: list[AbsenceSpan] = Field(description="those that fall between today and the due day")


class StagePostView(BaseModel):
    """A post of a stage; `held` is where a vacant post or the owner's own led to."""

    model_config = ConfigDict(frozen=True)

    post: str
    held: str | None
    holders: list[HolderView]
    acted: bool
    usual: Usual | None = Field(description="how long this post usually takes; null when nothing is known")


class StageView(BaseModel):
    """A station of the route."""

    model_config = ConfigDict(frozen=True)

    key: str
    kind: str
    order: int
    quorum: str
    reason: str | None = Field(description="`receiving_head`: the next cycle binds that head's office")
    state: str = Field(description="done, open or later")
    posts: list[StagePostView]
    since: datetime | None
    due_at: datetime | None = Field(
        description="of an open stage; of a later one at the latest: as if everybody before it took until they are "
        "due, and whoever is overdue decided now"
    )
    escalates_to: str | None
    escalates_to_people: list[HolderView] = Field(description="who holds `escalates_to` today")
    escalates_last_to: str | None = Field(description="told last of all; decides nothing")
    escalates_last_to_people: list[HolderView] = Field(description="who holds `escalates_last_to` today")
    mode: str = Field(description="of a concurrence: consent 同意 or opinion 意見")
    escalates_at: datetime | None
    reasons: list[ReasonView]


class RouteView(BaseModel):
    """The whole route; `submitted` is false when it is what a submission today would take."""

    model_config = ConfigDict(frozen=True)

    cycle_id: str
    round: int
    submitted: bool
    policy: str
    profile: str
    circulate: list[str] = Field(description="供覧: the posts that get it for reading only")
    stages: list[StageView]


def route_view(  # noqa: PLR0913, PLR0917 - the looked-up facts, each named
    state: CycleState,
    facts: Facts,
    now: datetime,
    joins: Sequence[JoinTarget] = (),
    usual: Callable[[Sequence[str]], Mapping[str, Usual]] = lambda _: {},
    language: Language = "ja",
) -> RouteView:
    """The route under way, else the one that a submission today would take; `joins` are what its Share would join.

    Raises:
        DomainError: `no_decider`.
    """
    review = state.review
    route = (
        review.route
        if review is not None
        else route_for(state, facts.policy, facts.organisation, facts.today, facts.closed_days, joins=joins)
    )
    if not any(stage.reasons for stage in route.stages):
        route = explained(route, state, facts.policy, facts.organisation)
    times = usual([str(post) for stage in route.stages for post in stage.posts])
    open_now = {one.key: one for one in review.open} if review else {}
    reached = min((route.stage(key).order for key in open_now), default=-1)
    starts = _starts(route, open_now, reached, now)
    stages = []
    for stage in route.stages:
        voted = {vote.post for vote in review.votes if vote.stage == stage.key} if review else set()
        where = "open" if stage.key in open_now else "done" if stage.order <= reached else "later"
        waiting, at = open_now.get(stage.key), starts[stage.order]
        stages.append(_stage_view(stage, route, state, facts, waiting, where, voted, at, times, language))
    return RouteView(
        cycle_id=state.cycle_id,
        round=state.round,
        submitted=review is not None,
        policy=route.terms.policy_id,
        profile=route.terms.profile.value,
        circulate=[str(post) for post in route.circulate],
        stages=stages,
    )


def _starts(route: Route, waiting: Mapping[str, OpenStage], reached: int, now: datetime) -> dict[int, datetime]:
    """When the stages of each order open at the latest: when everything before them is due, but never before now."""
    found: dict[int, datetime] = {}
    at = now
    for order in sorted({stage.order for stage in route.stages}):
        found[order] = at
        here = [stage for stage in route.stages if stage.order == order]
        if order > reached:
            at = max(at, *(opened(stage, route, at).due_at for stage in here))
        elif order == reached:
            at = max(at, *(waiting[stage.key].due_at for stage in here if stage.key in waiting))
    return found


def _stage_view(  # noqa: PLR0913, PLR0917 - everything one station is made of
    stage: Stage,
    route: Route,
    state: CycleState,
    facts: Facts,
    waiting: OpenStage | None,
    where: str,
    voted: set[PostRef],
    at: datetime,
    times: Mapping[str, Usual],
    language: Language,
) -> StageView:
    expected = waiting or opened(stage, route, at)
    due = local_date(expected.due_at, route.utc_offset_minutes)
    posts = [
        _post_view(post, state.owner, facts, due, times.get(str(post)), acted=post in voted) for post in stage.posts
    ]
    reasons = [
        ReasonView(code=one.code, post=str(one.post), text=reason_text(one.code, one.params, language))
        for one in (*stage.reasons, *_climbed(stage, posts, facts))
    ]
    return StageView(
        key=stage.key,
        kind=stage.kind.value,
        order=stage.order,
        quorum=str(stage.quorum),
        reason=stage.reason,
        state=where,
        posts=posts,
        since=waiting.opened_at if waiting else None,
        due_at=None if where == "done" else expected.due_at,
        escalates_to=str(stage.escalate_to) if stage.escalate_to else None,
        escalates_to_people=_people(stage.escalate_to, state.owner, facts, due),
        escalates_last_to=str(stage.escalate_last_to) if stage.escalate_last_to else None,
        escalates_last_to_people=_people(stage.escalate_last_to, state.owner, facts, due),
        mode=stage.mode.value,
        escalates_at=None if where == "done" else expected.escalate_at,
        reasons=reasons,
    )


def _climbed(stage: Stage, posts: Sequence[StagePostView], facts: Facts) -> Iterator[Reason]:
    """Why somebody else than the named post decides today."""
    for post, view in zip(stage.posts, posts, strict=True):
        if view.held is not None and view.held != view.post:
            vacant = not facts.organisation.holders(post, facts.today)
            code = "vacant_goes_up" if vacant else "own_work_goes_up"
            yield Reason(code=code, post=post, params={"held": view.held})


def _post_view(  # noqa: PLR0913 - the looked-up facts, each named
    post: PostRef, owner: str, facts: Facts, due: date, usual: Usual | None, *, acted: bool
) -> StagePostView:
    grants = facts.organisation.deciders(post, facts.today, excluding=owner)
    held = str(grants[0].held) if grants else None
    holders = _holders(grants, facts, due)
    return StagePostView(post=str(post), held=held, holders=holders, acted=acted, usual=usual)


def _people(post: PostRef | None, owner: str, facts: Facts, due: date) -> list[HolderView]:
    if post is None:
        return []
    return _holders(facts.organisation.deciders(post, facts.today, excluding=owner), facts, due)


def _holders(grants: Sequence[Grant], facts: Facts, due: date) -> list[HolderView]:
    organisation, today = facts.organisation, facts.today
    holders = []
    for grant in grants:
        person = organisation.person(grant.person_id)
        away = organisation.absence_of(grant.person_id, today)
        holders.append(
            HolderView(
                person_id=grant.person_id,
                name=person.name if person else grant.person_id,
                title=_title(grant.person_id, grant.held, organisation, today),
                why=grant.why,
                on_behalf_of=grant.on_behalf_of,
                away_until=away.last if away else None,
                absences=[
                    AbsenceSpan(first=one.first, last=one.last, proxy=one.proxy)
                    for one in organisation.absences
                    if one.person_id == grant.person_id and one.first <= due and today <= one.last
                ],
            )
        )
    return holders


def _title(person_id: str, held: PostRef, organisation: Organisation, today: date) -> str | None:
    posts = organisation.posts_of(person_id, today)
    matching = [post for post in posts if post.unit_code == held.unit or (held.duty and held.duty in post.duties)]
    return next((post.title for post in (*matching, *posts)), None)
