"""The approval policy: which route for which step, scope, governance and flag (docs/field/ladders.md).

It says too which duties are asked when, and which scopes are light. A policy is data; the built-in default is that
table. Post patterns in a stage: `one_above` (the head one level above the scope), `own_head` (the head of the cycle's
unit), `superiors` (every head between that unit and the decider, one after the other; in a stage of kind `line`),
`head@CODE`, `duty@NAME`.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from engine.domain.deliverables.imagine import EscalationFlag
from engine.domain.deliverables.required import Profile
from engine.domain.organisation.organisation import Duty, PostRef
from engine.domain.review.review import DueRule, Mode, Reminders, StageKind
from engine.domain.roadmap import Governance
from engine.domain.scope import Growth, OrgScope
from engine.domain.steps import Step


class Strict(BaseModel):
    """A part of a policy file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


SUPERIORS = "superiors"


def _pattern(text: str) -> str:
    if text not in ("one_above", "own_head"):
        PostRef.parse(text)
    return text


def _pattern_of_a_stage(text: str) -> str:
    return text if text == SUPERIORS else _pattern(text)


PostPattern = Annotated[str, AfterValidator(_pattern)]
StagePattern = Annotated[str, AfterValidator(_pattern_of_a_stage)]


class StageRule(Strict):
    """One stage of a route, before posts are looked up."""

    kind: StageKind = StageKind.FINAL
    posts: tuple[StagePattern, ...] = ("one_above",)
    quorum: Literal["all", "any"] | Annotated[int, Field(ge=1, strict=True)] = "all"
    mode: Mode = Field(default=Mode.CONSENT, description="of a concurrence: 同意 or 意見")
    beside_previous: bool = Field(default=False, description="open together with the stage before it")
    due: DueRule | None = None
    reminders: Reminders | None = None
    escalate_after: DueRule | None = None

    @model_validator(mode="after")
    def _only_others_give_an_opinion(self) -> Self:
        if self.mode is Mode.OPINION and self.kind is not StageKind.CONCURRENCE:
            raise ValueError("only a concurrence can be an opinion")
        if SUPERIORS in self.posts and (self.kind is not StageKind.LINE or len(self.posts) > 1):
            raise ValueError("superiors stand alone in a stage of kind line")
        return self


class When(Strict):
    """Which cycles a rule is for; an empty list means any."""

    step: tuple[Step, ...] = ()
    org_scope: tuple[OrgScope, ...] = ()
    governance: tuple[Governance, ...] = ()
    flag: tuple[EscalationFlag, ...] = ()

    def matches(
        self, step: Step, org_scope: OrgScope, governance: Governance, flags: tuple[EscalationFlag, ...]
    ) -> bool:
        """Whether a submission with these facts is meant."""
        return (
            (not self.step or step in self.step)
            and (not self.org_scope or org_scope in self.org_scope)
            and (not self.governance or governance in self.governance)
            and (not self.flag or any(flag in self.flag for flag in flags))
        )


class Rule(Strict):
    """A route for the cycles it is for; the first rule that matches is taken."""

    when: When = When()
    stages: tuple[StageRule, ...] = (StageRule(),)
    due: DueRule | None = None
    reminders: Reminders | None = None
    escalate_after: DueRule | None = None
    observation_days: int | None = Field(default=None, ge=0, le=3650, strict=True)
    circulate: tuple[PostPattern, ...] = Field(default=(), max_length=50, description="供覧: for reading only")


class Concurrence(Strict):
    """合議: which duty is asked when (docs/field/ladders.md); not a vacant one, nor one only the owner has."""

    duty: Duty
    mode: Mode = Field(default=Mode.CONSENT, description="同意, or only 意見")
    cost_above_yen: float | None = Field(default=None, ge=0, description="円, initial and a year's running cost")
    new_system: bool = Field(default=False, description="tools are named")
    rule_change: bool = False
    personal_data: bool = Field(default=False, description="the privacy check applies")
    staffing: bool = Field(default=False, description="a change of staffing is named")
    cross_agency: bool = Field(default=False, description="at Imagine, whatever the scope")


CONCURRENCE = (
    Concurrence(duty=Duty.FINANCE, cost_above_yen=1_000_000),
    Concurrence(duty=Duty.INFORMATION_SYSTEMS, new_system=True),
    Concurrence(duty=Duty.LEGAL, rule_change=True),
    Concurrence(duty=Duty.PRIVACY, personal_data=True),
    Concurrence(duty=Duty.HR, staffing=True),
    Concurrence(duty=Duty.DX_TEAM, cross_agency=True),
)
"""The built-in triggers. The city's own amounts are not published; a million yen is ours, to be set by policy."""


LONGEST_ABSENCE = 366
"""Days; whoever is away for longer leaves the post for that time."""


class ProxyFrom(StrEnum):
    """Who may be named to stand in for somebody absent; everybody named holds a post on the day they act."""

    POST = "post"
    """Whoever holds a post."""
    LINE = "line"
    """Somebody of the same unit, or of a unit above or below it."""


class Policy(Strict):
    """Everything that decides routes and demands; `id` names it in every submission made under it."""

    id: Annotated[str, Field(min_length=1, max_length=80)] = "default"
    title_ja: str = "標準の決裁規程"
    title_en: str = "Built-in default"
    growth: Growth = Growth.EITHER
    light_up_to: OrgScope | None = OrgScope.UNIT
    observation_days: int = Field(default=30, ge=0, le=3650, strict=True)
    hourly_rate_yen: float | None = Field(default=None, ge=0)
    holidays_country: str = "JP"
    utc_offset_minutes: int = Field(default=540, ge=-720, le=840, strict=True)
    due: DueRule = DueRule()
    reminders: Reminders = Reminders()
    escalate_after: DueRule | None = DueRule()
    rules: tuple[Rule, ...] = ()
    concurrence: tuple[Concurrence, ...] = CONCURRENCE
    concurrence_from: OrgScope = Field(
        default=OrgScope.SECTION, description="below it only what the drafter asks for"
    )
    drafter_concurrence: Mode = Field(default=Mode.CONSENT, description="of whom only the drafter asks for")
    flags_raise: bool = Field(default=True, description="an escalation flag raises the decider one level")
    escalate_last: PostRef | None = Field(
        default=PostRef(kind="duty", duty=Duty.DX_TEAM),
        description="who chases what even the superior leaves lying; decides nothing",
    )
    condition_months: int = Field(
        default=3, ge=1, le=12, strict=True, description="a condition is due within these months"
    )
    post_review: bool = Field(default=True, description="後閲: who was stood in for or passed over reads afterwards")
    pull_up: bool = Field(default=True, description="引上げ: a superior may act before escalation")
    skip_absent: bool = Field(default=False, description="pass over a line post while everybody there is away")
    drafts_open: bool = Field(
        default=False, description="everyone reads what was never handed in, not only owner, advisers and their heads"
    )
    deputies: bool = Field(default=True, description="代決: the unit's deputy stands in where no proxy is named")
    proxy_from: ProxyFrom = Field(default=ProxyFrom.POST, description="代理: who may be named to stand in")
    agreed_by: PostRef | None = Field(
        default=None, description="whose holder may agree to a change of who decides, beside the administrators"
    )
    absence_days: int = Field(default=LONGEST_ABSENCE, ge=1, le=LONGEST_ABSENCE, strict=True,
                              description="days of one absence, both ends included")  # fmt: skip

    def rule_for(
        self, step: Step, org_scope: OrgScope, governance: Governance, flags: tuple[EscalationFlag, ...] = ()
    ) -> Rule:
        """The first rule that matches; a plain one when none does."""
        return next((rule for rule in self.rules if rule.when.matches(step, org_scope, governance, flags)), Rule())

    def profile(self, org_scope: OrgScope) -> Profile:
        """Light up to the line the policy draws, full above it."""
        light = self.light_up_to is not None and org_scope.rank <= self.light_up_to.rank
        return Profile.LIGHT if light else Profile.FULL


DEFAULT = Policy()
