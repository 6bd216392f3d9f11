"""Effects as people read them: every number with unit, method, dates and source; sums with what they rest on.

Must not know HTTP or SQL. Unmeasured is null and never zero; a worse result is negative and stands.
"""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from engine.domain.analytics.results import (
    HOURS_METHOD,
    YEN_METHOD,
    MeasuredFigure,
    Source,
    Sustained,
    hours_figure,
    metric_figures,
    sustained,
    yen_figure,
)
from engine.domain.cycle.state import Amendment, CycleState
from engine.domain.effects.account import EffectSum
from engine.domain.effects.sums import Group, GroupBy, Summed
from engine.domain.organisation.organisation import Organisation


class EffectsPart(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class MetricView(EffectsPart):
    """A metric before and after, in its own unit."""

    code: str
    name: str
    unit: str
    direction: str
    baseline: float
    baseline_measured_on: date | None = None
    method: str = ""
    target: float
    actual: float | None = Field(description="null until measured")
    reached: bool | None
    worse: bool | None = Field(default=None, description="whether it moved the wrong way")
    measured_from: date | None = None
    measured_to: date | None = None
    n: int | None = None
    same_method: bool | None = None
    source: Source | None = None


class EffectsView(EffectsPart):
    """What one cycle brought for the whole of its scope; `hours` and `yen` say where the two numbers come from."""

    hours_saved_per_year: float | None = Field(description="時間/年; null until measured, may be negative")
    yen_per_year: float | None = Field(description="円/年")
    hourly_rate_yen: float | None = Field(default=None, description="円/時, the policy's when Realise was handed in")
    metrics: list[MetricView]
    hours: MeasuredFigure | None = None
    yen: MeasuredFigure | None = None
    sustained: Sustained | None = Field(default=None, description="of a sustain cycle: whether the effect holds")
    targets_changed_after_lock: bool = Field(
        default=False, description="targets are locked when Imagine is first approved"
    )
    amendments: list[Amendment] = Field(default=[], description="every approved change of a locked target")


class SumView(EffectsPart):
    """A sum of increments: 時間/年 and 円/年, never added to each other; null while nothing in it is measured."""

    hours_saved_per_year: float | None
    yen_per_year: float | None
    measured: int = Field(description="cycles with an approved result")
    unmeasured: int = Field(description="open cycles without one yet")
    worse: int = Field(description="cycles whose result is worse than before")


class GroupView(SumView):
    """One group. For offices `with_below` is the sum with every unit below; those overlap, the others do not."""

    key: str | None
    name_ja: str | None = None
    name_en: str | None = None
    with_below: SumView | None = None


class BasisView(EffectsPart):
    """How the numbers of this answer were made."""

    increments: str
    fiscal_year: str
    hours_unit: str
    yen_unit: str
    hours_method: str
    yen_method: str
    hourly_rate_yen: float | None = Field(description="円/時, the rate in force today; each result keeps its own")
    hourly_rates_used: list[float] = Field(description="the rates that the results in this answer were made with")


class EffectTotals(EffectsPart):
    """Effects of the whole city, or of what was selected."""

    total: SumView
    group_by: GroupBy | None
    items: list[GroupView]
    basis: BasisView


def effects_view(state: CycleState) -> EffectsView:
    """The effects of one cycle."""
    effects = state.effects
    return EffectsView(
        hours_saved_per_year=effects.hours_saved_per_year,
        yen_per_year=effects.yen_per_year,
        hourly_rate_yen=effects.hourly_rate_yen,
        metrics=[
            MetricView.model_validate(one.model_dump(exclude={"value"}) | {"actual": one.value})
            for one in metric_figures(state)
        ],
        hours=hours_figure(state),
        yen=yen_figure(state),
        sustained=sustained(state),
        targets_changed_after_lock=bool(state.amendments or state.changed_targets()),
        amendments=list(state.amendments),
    )


def effect_totals(
    summed: Summed, by: GroupBy | None, organisation: Organisation, hourly_rate_yen: float | None
) -> EffectTotals:
    """The sums that were asked for."""
    return EffectTotals(
        total=_sum(summed.total),
        group_by=by,
        items=[_group(one, by, organisation) for one in summed.groups],
        basis=BasisView(
            increments="each result counts what it adds beyond everything its scope already contained when it was "
            "approved, so no hour is counted twice",
            fiscal_year="April to March, of the day on which Realise was approved",
            hours_unit="時間/年",
            yen_unit="円/年",
            hours_method=HOURS_METHOD,
            yen_method=YEN_METHOD,
            hourly_rate_yen=hourly_rate_yen,
            hourly_rates_used=list(summed.rates),
        ),
    )


def _sum(one: EffectSum) -> SumView:
    return SumView.model_validate(one.model_dump())


def _group(one: Group, by: GroupBy | None, organisation: Organisation) -> GroupView:
    said: dict[str, Any] = one.own.model_dump() | {"key": one.key}
    if by is GroupBy.ORG_UNIT:
        unit = organisation.unit(one.key or "")
        said |= {
            "name_ja": unit.name_ja if unit else None,
            "name_en": unit.name_en if unit else None,
            "with_below": _sum(one.rolled_up),
        }
    return GroupView.model_validate(said)
