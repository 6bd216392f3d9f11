"""決裁経路 as people see it: who decides now and after, who is away, who stands in, by when."""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from engine.domain.approvals import OpenStage, Route, Stage, opened
from engine.domain.joining import JoinTarget
from engine.domain.organisation import Organisation, PostRef
from engine.domain.routing import route_for
from engine.domain.state import CycleState
from engine.store.directory import Facts


class HolderView(BaseModel):
    """A person who may act for the post today."""

    model_config = ConfigDict(frozen=True)

    person_id: str
    name: str
    title: str | None = Field(description="their title at the post")
    why: str = Field(description="post or proxy")
    on_behalf_of: str | None
    away_until: date | None = Field(description="the last day of an absence that covers today")


class StagePostView(BaseModel):
    """A post of a stage; `held` is where a vacant post or the owner's own led to."""

    model_config = ConfigDict(frozen=True)

    post: str
    held: str | None
    holders: list[HolderView]
    acted: bool


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
    due_at: datetime | None = Field(description="of an open stage; for a later one as if it opened now")
    escalates_to: str | None


class RouteView(BaseModel):
    """The whole route; `submitted` is false when it is what a submission today would take."""

    model_config = ConfigDict(frozen=True)

    cycle_id: str
    round: int
    submitted: bool
    policy: str
    profile: str
    stages: list[StageView]


def route_view(state: CycleState, facts: Facts, now: datetime, joins: Sequence[JoinTarget] = ()) -> RouteView:
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
    open_now = {one.key: one for one in review.open} if review else {}
    first_open = min((route.stage(key).order for key in open_now), default=0)
    stages = []
    for stage in route.stages:
        voted = {vote.post for vote in review.votes if vote.stage == stage.key} if review else set()
        where = "open" if stage.key in open_now else "done" if stage.order < first_open else "later"
        stages.append(_stage_view(stage, route, state, facts, open_now.get(stage.key), where, voted, now))
    return RouteView(
        cycle_id=state.cycle_id,
        round=state.round,
        submitted=review is not None,
        policy=route.terms.policy_id,
        profile=route.terms.profile.value,
        stages=stages,
    )


def _stage_view(  # noqa: PLR0913, PLR0917 - everything one station is made of
    stage: Stage,
    route: Route,
    state: CycleState,
    facts: Facts,
    waiting: OpenStage | None,
    where: str,
    voted: set[PostRef],
    now: datetime,
) -> StageView:
    expected = waiting or opened(stage, route, now)
    return StageView(
        key=stage.key,
        kind=stage.kind.value,
        order=stage.order,
        quorum=str(stage.quorum),
        reason=stage.reason,
        state=where,
        posts=[_post_view(post, state.owner, facts, acted=post in voted) for post in stage.posts],
        since=waiting.opened_at if waiting else None,
        due_at=None if where == "done" else expected.due_at,
        escalates_to=str(stage.escalate_to) if stage.escalate_to else None,
    )


def _post_view(post: PostRef, owner: str, facts: Facts, *, acted: bool) -> StagePostView:
    organisation, today = facts.organisation, facts.today
    grants = organisation.deciders(post, today, excluding=owner)
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
            )
        )
    held = str(grants[0].held) if grants else None
    return StagePostView(post=str(post), held=held, holders=holders, acted=acted)


def _title(person_id: str, held: PostRef, organisation: Organisation, today: date) -> str | None:
    posts = organisation.posts_of(person_id, today)
    matching = [post for post in posts if post.unit_code == held.unit or (held.duty and held.duty in post.duties)]
    return next((post.title for post in (*matching, *posts)), None)
