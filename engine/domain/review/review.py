"""Routes, stages, quorum and rounds: how an office comes to a decision (docs/field/deciding.md).

A route is frozen when a step is submitted and names posts, never persons; who holds a post is asked on the day.
The same machinery serves one decider or a long route with concurrence: that is a matter of data.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field

from engine.domain.base import Frozen
from engine.domain.calendar import add_business_days, closing_time, local_date
from engine.domain.deliverables.required import Profile
from engine.domain.organisation.organisation import ActedAs, PostRef
from engine.domain.scope import Growth


class StageKind(StrEnum):
    """承認 of the line, 合議 of others, 決裁 of the one final decider."""

    LINE = "line"
    CONCURRENCE = "concurrence"
    FINAL = "final"


class Mode(StrEnum):
    """What a concurrence means; decrees differ (docs/field/deciding.md)."""

    CONSENT = "consent"
    """同意: without it the matter does not go on."""
    OPINION = "opinion"
    """意見: it is heard, and the decider may decide even against it."""


class Action(StrEnum):
    """What a decider may do."""

    APPROVE = "approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions"
    RETURN = "return"
    HOLD = "hold"
    REJECT = "reject"
    OPPOSE = "oppose"
    """反対意見, where a concurrence is asked for as an opinion: recorded and shown, and the route goes on."""


FINAL_ONLY = (Action.APPROVE_WITH_CONDITIONS, Action.HOLD, Action.REJECT)


class DueRule(Frozen):
    """How long a stage may take: business days to closing time, or a plain duration."""

    business_days: int | None = Field(default=5, ge=0, le=250, strict=True)
    duration: timedelta | None = None

    def after(self, at: datetime, closed: tuple[date, ...], offset: int) -> datetime:
        """The instant this much later than `at`."""
        if self.duration is not None:
            return at + self.duration
        day = add_business_days(local_date(at, offset), self.business_days or 0, closed)
        return closing_time(day, offset)


class Reminders(Frozen):
    """Reminded `before` business days ahead of the due time, then `every` business days after it."""

    before: int = Field(default=1, ge=0, le=60, strict=True)
    every: int = Field(default=1, ge=1, le=60, strict=True)


class Reason(Frozen):
    """Why a post stands in a route: a stable code and what its text needs."""

    code: str
    post: PostRef
    params: dict[str, str] = Field(default_factory=dict)


class Stage(Frozen):
    """One station of a route; stages with the same `order` are open side by side."""

    key: str
    order: int
    kind: StageKind
    posts: tuple[PostRef, ...] = Field(min_length=1)
    quorum: Literal["all", "any"] | int = "all"
    due: DueRule = DueRule()
    reminders: Reminders = Reminders()
    escalate_after: DueRule | None = DueRule()
    escalate_to: PostRef | None = None
    reason: str | None = None
    mode: Mode = Mode.CONSENT
    escalate_last_to: PostRef | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def needed(self) -> int:
        """How many posts must approve."""
        match self.quorum:
            case "all":
                return len(self.posts)
            case "any":
                return 1
            case number:
                return min(number, len(self.posts))

    def is_settled(self, votes: "Sequence[Vote]", passed: "Sequence[Passed]" = ()) -> bool:
        """Whether the outcome is certain: enough have spoken, a superior spoke for all, or all are passed over."""
        here = [vote for vote in votes if vote.stage == self.key]
        away = sum(one.stage == self.key for one in passed)
        by_escalation = any(vote.acted_as == "escalation" for vote in here)
        return by_escalation or len(here) >= min(self.needed, len(self.posts) - away)


class Terms(Frozen):
    """What the policy said when the step was submitted; a cycle keeps it.

    A rule that came later is off by default here, and its policy key on: so a review that began before keeps its own.

    Args:
        condition_months: within how many calendar months a condition is due; None means 92 days.
        post_review: whether who was stood in for or passed over reads afterwards (後閲).
        pull_up: whether a superior may act for a lower post before escalation (引上げ).
        skip_absent: whether a line post is passed over while everybody who holds it is away.
        business_clock: whether every time counted in business days stays the end of a business day, whatever happens:
            a hold stops that clock, and 0 business days given on a day off mean the next business day.
    """

    policy_id: str
    profile: Profile
    observation_days: int = 30
    growth: Growth = Growth.EITHER
    hourly_rate_yen: float | None = None
    baselines_bind: bool = False
    condition_months: int | None = None
    post_review: bool = False
    pull_up: bool = False
    skip_absent: bool = False
    business_clock: bool = False


class Route(Frozen):
    """決裁経路: the stages in order, exactly one of them final, with everything needed to compute due times.

    `circulate` names who gets the matter for reading only (供覧).
    """

    stages: tuple[Stage, ...] = Field(min_length=1)
    terms: Terms
    closed_days: tuple[date, ...] = ()
    utc_offset_minutes: int = 540
    circulate: tuple[PostRef, ...] = ()

    def stage(self, key: str) -> Stage:
        """The stage with that key."""
        return next(stage for stage in self.stages if stage.key == key)

    def stages_from(self, order: int) -> tuple[Stage, ...]:
        """The stages of the first order at or after `order`."""
        later = [stage.order for stage in self.stages if stage.order >= order]
        return tuple(stage for stage in self.stages if later and stage.order == min(later))


class Vote(Frozen):
    """One voice inside a round: which post spoke, through whom, and in what standing (`Grant.why`)."""

    stage: str
    post: PostRef
    person: str
    on_behalf_of: str | None = None
    acted_as: ActedAs | None = None
    opposes: bool = False


class Passed(Frozen):
    """A post of the line that was passed over because everybody who holds it is away."""

    stage: str
    post: PostRef


class Away(Frozen):
    """A post where everybody who would decide is away today and nobody stands in, as it was looked up."""

    post: PostRef
    people: tuple[str, ...]


class OpenStage(Frozen):
    """A stage that waits; times are aware UTC."""

    key: str
    opened_at: datetime
    due_at: datetime
    remind_at: datetime | None
    escalate_at: datetime | None
    reminders_sent: int = 0
    escalated: bool = False
    escalate_last_at: datetime | None = None
    escalated_last: bool = False


class Review(Frozen):
    """The round that is under way."""

    round: int
    route: Route
    submitted_at: datetime
    gist: str = ""
    votes: tuple[Vote, ...] = ()
    open: tuple[OpenStage, ...] = ()
    passed: tuple[Passed, ...] = ()

    def open_posts(self) -> tuple[PostRef, ...]:
        """Every post that may act now, escalation included, in route order."""
        found: list[PostRef] = []
        for waiting in self.open:
            stage = self.route.stage(waiting.key)
            found += self.silent(stage)
            if waiting.escalated and stage.escalate_to is not None:
                found.append(stage.escalate_to)
        return tuple(dict.fromkeys(found))

    def stage_of(self, post: PostRef) -> Stage | None:
        """The open stage in which `post` may act now, or None."""
        for waiting in self.open:
            stage = self.route.stage(waiting.key)
            if post in self.silent(stage):
                return stage
            if waiting.escalated and post == stage.escalate_to:
                return stage
        return None

    def closes(self, stage: Stage, post: PostRef) -> bool:
        """Whether an approval by `post` makes the stage's outcome certain."""
        if post not in stage.posts:
            return True  # a superior who steps in by escalation speaks for the whole stage
        away = sum(one.stage == stage.key for one in self.passed)
        needed = min(stage.needed, len(stage.posts) - away)
        return sum(vote.stage == stage.key for vote in self.votes) + 1 >= needed

    def back_to(self, stage: Stage, post: PostRef | None) -> "Review":
        """With what was said at `stage` (by `post` only, when named) and after it forgotten, and nothing open."""
        kept = tuple(
            vote
            for vote in self.votes
            if (there := self.route.stage(vote.stage)).order <= stage.order
            and (there != stage or (post is not None and vote.post not in (post, stage.escalate_to)))
        )
        if stage.is_settled(kept):  # what is kept would close it at once, so the one it returns to could not speak
            kept = tuple(vote for vote in kept if vote.stage != stage.key)
        passed = tuple(
            one for one in self.passed if one.stage != stage.key and self.route.stage(one.stage).order <= stage.order
        )
        return self.model_copy(update={"votes": kept, "open": (), "passed": passed})

    def silent(self, stage: Stage) -> list[PostRef]:
        """The posts of a stage that may still speak."""
        done = {vote.post for vote in self.votes if vote.stage == stage.key}
        done |= {one.post for one in self.passed if one.stage == stage.key}
        return [post for post in stage.posts if post not in done]


class Returned(Frozen):
    """差戻し to the drafter: where the route stood, so that it can go on there if the gist stays the same."""

    gist: str
    stage: str
    route: Route
    votes: tuple[Vote, ...] = ()

    def kept(self, gist: str, route: Route) -> tuple[Vote, ...]:
        """The approvals that still hold for a resubmission: none when the gist or the route has changed."""
        if gist != self.gist or _bare(route) != _bare(self.route):
            return ()
        reached = self.route.stage(self.stage).order
        return tuple(vote for vote in self.votes if self.route.stage(vote.stage).order <= reached)


def _bare(route: Route) -> tuple[Stage, ...]:
    """Its stages without their reasons, which change nothing."""
    return tuple(stage.model_copy(update={"reasons": ()}) for stage in route.stages)
