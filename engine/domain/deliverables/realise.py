"""STEP 3: what Realise hands in (docs/field/steps.md)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from engine.domain.days import Day
from engine.domain.deliverables.parts import Code, Count, Many, NotNegative, Number, Part, Score, Text, Verdict3A
from engine.domain.deliverables.required import FULL, LIGHT


class Result(Part):
    metric: Annotated[Code | None, LIGHT] = None
    value: Annotated[
        Number | None, LIGHT, Field(description="in the metric's unit; may be worse than the baseline")
    ] = None
    start: Annotated[Day | None, FULL, Field(alias="from")] = None
    to: Annotated[Day | None, FULL] = None
    n: Annotated[Count | None, FULL] = None
    same_method: Annotated[bool | None, FULL] = None
    note: Text | None = None


class Actual(Part):
    cases_per_year: Annotated[NotNegative | None, LIGHT, Field(description="件/年")] = None
    minutes_per_case: Annotated[NotNegative | None, LIGHT, Field(description="分/件")] = None


class Who(StrEnum):
    """Whose experience it is."""

    CITIZEN = "citizen"
    STAFF = "staff"


class Satisfaction(Part):
    who: Annotated[Who | None, FULL] = None
    score: Annotated[Score | None, FULL, Field(description="1 to 5")] = None
    n: Annotated[Count | None, FULL] = None


class Voice(Part):
    who: Annotated[Who | None, FULL] = None
    text: Annotated[Text | None, FULL] = None


class Verdict(StrEnum):
    """The owner's own judgement; 達成 · 一部 · 未達 · 悪化."""

    ACHIEVED = "achieved"
    PARTIAL = "partial"
    NOT = "not"
    WORSE = "worse"


class Realise(Part):
    """STEP 3 「DXする。」ことの効果を実感する."""

    results: Annotated[tuple[Result, ...], LIGHT, Field(max_length=50)] = ()
    actual: Annotated[Actual | None, LIGHT] = None
    satisfaction: Annotated[tuple[Satisfaction, ...], FULL, Many] = ()
    voices: Annotated[tuple[Voice, ...], FULL, Many] = ()
    side_effects: Annotated[Text | None, FULL] = None
    complaints: Annotated[Count | None, FULL, Field(description="件")] = None
    offline_users: Annotated[Count | None, FULL, Field(description="人")] = None
    observation_days: Annotated[Count | None, FULL, Field(description="日")] = None
    verdict: Annotated[Verdict | None, LIGHT] = None
    cause: Text | None = None
    decision: Annotated[Verdict3A | None, LIGHT] = None
