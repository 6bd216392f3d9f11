"""STEP 2: what Transform hands in (docs/field/steps.md)."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from engine.domain.days import Day
from engine.domain.deliverables.parts import Count, Line, Many, NotNegative, Part, Text, Verdict3A
from engine.domain.deliverables.required import FULL, LIGHT


class WorkChangeKind(StrEnum):
    """Changing the work comes before digitising it."""

    ABOLISH = "abolish"
    MERGE = "merge"
    REORDER = "reorder"
    SIMPLIFY = "simplify"
    DIGITISE = "digitise"


class WorkChange(Part):
    kind: Annotated[WorkChangeKind | None, LIGHT] = None
    what: Annotated[Text | None, LIGHT] = None
    before: Annotated[Text | None, FULL] = None
    after: Annotated[Text | None, FULL] = None


class ToBe(Part):
    minutes_per_case: Annotated[NotNegative | None, LIGHT, Field(description="分/件")] = None


class Difficulty(StrEnum):
    """低 as is · 中 a process inside one department · 高 several departments."""

    LOW = "low"
    MID = "mid"
    HIGH = "high"


class ActionStatus(StrEnum):
    """Where an action stands."""

    TODO = "todo"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


class PlannedAction(Part):
    what: Annotated[Text | None, FULL] = None
    who: Annotated[Line | None, FULL] = None
    due: Annotated[Day | None, FULL] = None
    status: Annotated[ActionStatus | None, FULL] = None
    reason: Text | None = None


class Trial(Part):
    start: Annotated[Day | None, FULL, Field(alias="from")] = None
    to: Annotated[Day | None, FULL] = None
    place: Annotated[Line | None, FULL] = None
    participants: Annotated[Count | None, FULL, Field(description="人")] = None
    cases: Annotated[Count | None, FULL, Field(description="件")] = None
    learned: Annotated[Text | None, FULL] = None
    decision: Annotated[Verdict3A | None, FULL] = None


class CheckResult(StrEnum):
    """Not applicable, passed, or not passed."""

    NA = "na"
    OK = "ok"
    NG = "ng"


class Checks(Part):
    security: Annotated[CheckResult | None, LIGHT] = None
    privacy: Annotated[CheckResult | None, LIGHT] = None
    accessibility: Annotated[CheckResult | None, LIGHT] = None


class RuleChange(Part):
    rule: Annotated[Line | None, FULL] = None
    authority: Line | None = None
    status: Line | None = None


def _rule(value: Any) -> Any:
    return {"rule": value} if isinstance(value, str) else value


class Transform(Part):
    """STEP 2 自分たちで業務の変革に取り組む."""

    changes: Annotated[tuple[WorkChange, ...], LIGHT, Many] = ()
    to_be: Annotated[ToBe | None, LIGHT] = None
    difficulty: Annotated[Difficulty | None, FULL] = None
    actions: Annotated[tuple[PlannedAction, ...], FULL, Many] = ()
    trials: Annotated[tuple[Trial, ...], FULL, Many] = ()
    cost_initial_yen: Annotated[NotNegative | None, FULL, Field(description="円")] = None
    cost_running_yen: Annotated[NotNegative | None, FULL, Field(description="円/年")] = None
    effort_hours: Annotated[NotNegative | None, FULL, Field(description="人時")] = None
    checks: Annotated[Checks | None, LIGHT] = None
    rollback: Annotated[Text | None, FULL] = None
    rule_changes: Annotated[tuple[Annotated[RuleChange, BeforeValidator(_rule)], ...], Many] = ()
    tools: Annotated[tuple[Line, ...], Many] = ()
    staffing_change: Annotated[Text | None, Field(description="定数・配置の変更; 人事課に合議")] = None
