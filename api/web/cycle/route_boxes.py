"""決裁欄: the route as a row of boxes, one for each post: stamped, open now, or still to come."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Literal

from api.schemas.route import HolderView, RouteView, StagePostView, StageView
from api.web.format.gettext import name_of
from api.web.frame.page import Context, MemberVisit
from api.web.frame.people import post_name, someone, title_at
from engine.contracts.lists import Usual
from engine.domain.cycle.state import CycleState, Decision
from engine.domain.organisation.organisation import PostRef
from engine.domain.review.review import Vote
from engine.domain.steps import CycleStatus

BoxState = Literal["done", "open", "later", "passed"]


class AwayNote(Context):
    """Somebody who is away while it may wait for them, and who stands in."""

    name: str
    first: date
    last: date
    proxy: str | None


class Box(Context):
    """One box of the route.

    Args:
        kind: draft, line, concurrence or final.
        seat: the post in words, with its office; `title` alone is what a stamp shows.
        who: whose name stands there: who acted, else who may act; empty when nobody holds the post.
        others: how many more may act.
        sign: how somebody acted who was not the post's holder: proxy, escalation or pull_up.
        for_whom: in whose name a proxy acts or acted.
        usual: how long the post usually takes.
        notes: why this post is asked, in words.
    """

    kind: str
    state: BoxState
    seat: str
    title: str = ""
    who: str
    others: int = 0
    at: datetime | None = None
    sign: str = ""
    for_whom: str | None = None
    opposes: bool = False
    mode: str = ""
    since: datetime | None = None
    due_at: datetime | None = None
    usual: Usual | None = None
    notes: tuple[str, ...] = ()
    away: tuple[AwayNote, ...] = ()
    escalates_at: datetime | None = None
    escalates_to: tuple[str, ...] = ()
    escalates_last_to: tuple[str, ...] = ()


class Stamps(Context):
    """The row of boxes; `usual_days` is how long the whole route usually takes, None while nothing is known."""

    submitted: bool
    boxes: tuple[Box, ...]
    circulate: tuple[str, ...]
    usual_seconds: float | None

    @property
    def waiting(self) -> Box | None:
        """The first box that is open now."""
        return next((one for one in self.boxes if one.state == "open" and one.kind != "draft"), None)


def stamps(state: CycleState, route: RouteView | None, visit: MemberVisit) -> Stamps | None:
    """The route in boxes; None when there is no route."""
    if route is None:
        return None
    facts, language = visit.caller.facts, visit.language
    boxes = [_draft(state, visit)]
    for stage in route.stages:
        boxes += [_box(stage, post, state, visit) for post in stage.posts]
    times: dict[int, float] = {}
    for stage in route.stages:
        for post in stage.posts:
            if post.usual is not None:
                times[stage.order] = max(times.get(stage.order, 0.0), post.usual.seconds)
    return Stamps(
        submitted=route.submitted,
        boxes=tuple(boxes),
        circulate=tuple(post_name(PostRef.parse(one), facts, language) for one in route.circulate),
        usual_seconds=sum(times.values()) if times else None,
    )


def _draft(state: CycleState, visit: MemberVisit) -> Box:
    facts, language = visit.caller.facts, visit.language
    owner = someone(state.owner, facts, language)
    posts = facts.organisation.posts_of(state.owner, facts.today)
    return Box(
        kind="draft",
        state="done" if state.review else "open",
        seat=owner.post,
        title=posts[0].title if posts else "",
        who=owner.name,
        at=state.review.submitted_at if state.review else None,
    )


def _box(stage: StageView, post: StagePostView, state: CycleState, visit: MemberVisit) -> Box:
    facts, language = visit.caller.facts, visit.language
    named = PostRef.parse(post.post)
    seat = PostRef.parse(post.held) if post.held else named
    base = Box(
        kind=stage.kind,
        state="later",
        seat=post_name(seat, facts, language),
        title=post.holders[0].title or "" if post.holders else "",
        who=post.holders[0].name if post.holders else "",
        others=max(len(post.holders) - 1, 0),
        for_whom=_absent(post.holders, visit),
        mode=name_of(stage.mode, language, "Mode") if stage.kind == "concurrence" else "",
        notes=tuple(_notes(stage, post, visit)),
    )
    vote = _vote(stage.key, named, state)
    if vote is not None:
        return base.model_copy(update=_acted(vote, state, visit))
    if state.review and any(one.stage == stage.key and one.post == named for one in state.review.passed):
        return base.model_copy(update={"state": "passed"})
    if stage.state == "done":
        return base.model_copy(update={"state": "passed"})
    waits = {
        "state": stage.state,
        "since": stage.since,
        "due_at": stage.due_at if state.status is not CycleStatus.ON_HOLD else None,
        "usual": post.usual,
        "away": tuple(_away(post.holders, visit)),
        "escalates_at": stage.escalates_at if state.status is not CycleStatus.ON_HOLD else None,
        "escalates_to": _names(stage.escalates_to_people),
        "escalates_last_to": _names(stage.escalates_last_to_people),
    }
    return base.model_copy(update=waits)


def _acted(vote: Vote, state: CycleState, visit: MemberVisit) -> dict[str, object]:
    """What a box says once somebody has acted for its post."""
    facts, language = visit.caller.facts, visit.language
    decision = _decision(vote, state)
    absent = vote.on_behalf_of
    return {
        "state": "done",
        "who": someone(vote.person, facts, language).name,
        "title": title_at(vote.person, vote.post, facts),
        "others": 0,
        "at": decision.at if decision else None,
        "sign": "" if vote.acted_as in {None, "post"} else str(vote.acted_as),
        "for_whom": someone(absent, facts, language).name if absent else None,
        "opposes": vote.opposes,
    }


def _vote(stage: str, post: PostRef, state: CycleState) -> Vote | None:
    votes = state.review.votes if state.review else ()
    return next((one for one in votes if one.stage == stage and one.post == post), None)


def _decision(vote: Vote, state: CycleState) -> Decision | None:
    """The decision behind a vote; one that was carried over stands in an earlier round."""
    same = (one for one in reversed(state.decisions) if one.by == vote.person and one.post == vote.post)
    return next((one for one in same if one.step is state.step), None)


def _absent(holders: Sequence[HolderView], visit: MemberVisit) -> str | None:
    first = holders[0].on_behalf_of if holders else None
    return someone(first, visit.caller.facts, visit.language).name if first else None


def _notes(stage: StageView, post: StagePostView, visit: MemberVisit) -> Iterator[str]:
    for one in stage.reasons:
        if one.post != post.post:
            continue
        held = post_name(PostRef.parse(post.held), visit.caller.facts, visit.language) if post.held else ""
        match one.code:
            case "vacant_goes_up":
                yield visit.say("The post is vacant, so %(post)s is asked", post=held)
            case "own_work_goes_up":
                yield visit.say("It is the owner's own post, so %(post)s is asked", post=held)
            case _:
                yield one.text


def _away(holders: Sequence[HolderView], visit: MemberVisit) -> Iterator[AwayNote]:
    facts, language = visit.caller.facts, visit.language
    for holder in holders:
        for one in holder.absences:
            proxy = someone(one.proxy, facts, language).name if one.proxy else None
            yield AwayNote(name=holder.name, first=one.first, last=one.last, proxy=proxy)


def _names(people: Sequence[HolderView]) -> tuple[str, ...]:
    return tuple(f"{one.name} {one.title or ''}".strip() for one in people)
