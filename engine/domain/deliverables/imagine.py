"""STEP 1: what Imagine hands in (docs/field/steps.md)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from engine.domain.days import Day
from engine.domain.deliverables.parts import Code, Count, Line, Many, NotNegative, Number, Part, Text
from engine.domain.deliverables.required import FULL, LIGHT
from engine.domain.text import NAME


class AssumptionKind(StrEnum):
    """「今までこうだったから」 or 「今のルールではこうだから」."""

    HABIT = "habit"
    RULE = "rule"


class Assumption(Part):
    text: Annotated[Text | None, LIGHT] = None
    kind: Annotated[AssumptionKind | None, FULL] = None
    legal_basis: Line | None = None


class AsIs(Part):
    cases_per_year: Annotated[NotNegative | None, LIGHT, Field(description="件/年")] = None
    minutes_per_case: Annotated[NotNegative | None, LIGHT, Field(description="分/件")] = None
    running_cost_yen: Annotated[NotNegative | None, Field(description="円/年")] = None


class Direction(StrEnum):
    """Which way is better."""

    UP = "up"
    DOWN = "down"


class MetricKind(StrEnum):
    """An outcome is felt by citizens or staff; an output only says that something was done."""

    OUTCOME = "outcome"
    OUTPUT = "output"


class Metric(Part):
    code: Annotated[Code | None, LIGHT] = None
    name: Annotated[Line | None, LIGHT] = None
    unit: Annotated[Annotated[str, Field(max_length=40), NAME] | None, LIGHT] = None
    direction: Annotated[Direction | None, LIGHT] = None
    kind: Annotated[MetricKind | None, FULL] = None
    baseline: Annotated[Number | None, LIGHT] = None
    measured_on: Annotated[Day | None, FULL] = None
    method: Annotated[Text | None, FULL] = None
    target: Annotated[Number | None, LIGHT] = None
    due: Annotated[Day | None, FULL] = None


class EvidenceKind(StrEnum):
    """How the users were asked."""

    SURVEY = "survey"
    INTERVIEW = "interview"
    COUNT = "count"


class Evidence(Part):
    kind: Annotated[EvidenceKind | None, FULL] = None
    n: Annotated[Count | None, FULL] = None
    note: Text | None = None


class LeftBehind(Part):
    groups: Annotated[Annotated[tuple[Line, ...], Many] | None, Field(description="empty: nobody is left behind")] = (
        None
    )
    offline_route: Annotated[Text | None, LIGHT] = None
    support: Annotated[Text | None, FULL] = None


class Milestone(Part):
    name: Annotated[Line | None, FULL] = None
    due: Annotated[Day | None, FULL] = None
    owner: Annotated[Line | None, FULL] = None


class EscalationFlag(StrEnum):
    """議会関係・重要・異例・先例・紛議."""

    COUNCIL = "council"
    IMPORTANT = "important"
    UNUSUAL = "unusual"
    PRECEDENT = "precedent"
    CONTENTIOUS = "contentious"


class ConcurrenceDuty(StrEnum):
    """合議先: whom the drafter wants to be asked."""

    DX_TEAM = "dx_team"
    CDO = "cdo"
    FINANCE = "finance"
    LEGAL = "legal"
    PRIVACY = "privacy"
    HR = "hr"
    INFORMATION_SYSTEMS = "information_systems"


class Imagine(Part):
    """STEP 1 自分たちの仕事の理想的な姿を想像する."""

    ideal_statement: Annotated[Annotated[str, Field(max_length=1000)] | None, LIGHT] = None
    challenged_assumptions: Annotated[tuple[Assumption, ...], LIGHT, Many] = ()
    beneficiaries: Annotated[tuple[Line, ...], FULL, Many] = ()
    as_is: Annotated[AsIs | None, LIGHT] = None
    metrics: Annotated[tuple[Metric, ...], LIGHT, Field(max_length=50)] = ()
    user_evidence: Annotated[tuple[Evidence, ...], FULL, Many] = ()
    left_behind: Annotated[LeftBehind | None, LIGHT] = None
    related_rules: Text | None = None
    milestones: Annotated[tuple[Milestone, ...], Many] = ()
    escalation_flags: Annotated[tuple[EscalationFlag, ...], Many] = ()
    concurrence: Annotated[tuple[ConcurrenceDuty, ...], Many] = ()
