"""Hours and yen of one cycle (docs/field/measuring.md); how they add up stands in `engine.domain.effects.account`.

Every number keeps its unit in its name. Unmeasured is None and never zero; a worse result is negative and stands.
"""

from pydantic import BaseModel, ConfigDict

from engine.domain.deliverables import Imagine, Realise, Transform
from engine.domain.deliverables.imagine import Direction


class MetricEffect(BaseModel):
    """One metric, before and after, in its own unit."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    unit: str
    direction: Direction
    baseline: float
    target: float
    actual: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the target is met; None while unmeasured."""
        if self.actual is None:
            return None
        return self.actual >= self.target if self.direction is Direction.UP else self.actual <= self.target


class Effects(BaseModel):
    """What one cycle brought, for the whole of its scope; the rate is the policy's when Realise was handed in."""

    model_config = ConfigDict(frozen=True)

    hours_saved_per_year: float | None = None
    yen_per_year: float | None = None
    metrics: tuple[MetricEffect, ...] = ()
    hourly_rate_yen: float | None = None


def measured(
    imagine: Imagine, transform: Transform, realise: Realise | None, hourly_rate_yen: float | None
) -> Effects:
    """The effects of a cycle; without a `realise` only baselines and targets are known.

    hours/year = (as-is minutes per case − actual minutes per case) × actual cases per year ÷ 60.
    yen/year = hours × the policy's hourly rate + running cost before − running cost after; None when the policy
    names no rate and no running cost is known on both sides, because time saved is not cash by itself.
    """
    values = {result.metric: result.value for result in realise.results} if realise else {}
    metrics = tuple(
        MetricEffect(
            code=metric.code or "",
            name=metric.name or "",
            unit=metric.unit or "",
            direction=metric.direction or Direction.DOWN,
            baseline=metric.baseline or 0.0,
            target=metric.target or 0.0,
            actual=values.get(metric.code),
        )
        for metric in imagine.metrics
        if metric.baseline is not None and metric.target is not None
    )
    hours = _hours(imagine, realise)
    return Effects(
        hours_saved_per_year=hours,
        yen_per_year=_yen(imagine, transform, hours, hourly_rate_yen),
        metrics=metrics,
    )


def _hours(imagine: Imagine, realise: Realise | None) -> float | None:
    as_is, actual = imagine.as_is, realise.actual if realise else None
    if as_is is None or actual is None or as_is.minutes_per_case is None:
        return None
    if actual.minutes_per_case is None or actual.cases_per_year is None:
        return None
    return round((as_is.minutes_per_case - actual.minutes_per_case) * actual.cases_per_year / 60, 6)


def _yen(imagine: Imagine, transform: Transform, hours: float | None, rate: float | None) -> float | None:
    if hours is None:
        return None
    before = imagine.as_is.running_cost_yen if imagine.as_is else None
    after = transform.cost_running_yen
    if rate is not None:
        return round(hours * rate + (before or 0.0) - (after or 0.0), 2)
    if before is not None and after is not None:
        return round(before - after, 2)
    return None


def reduction_percent(before: float, after: float) -> float | None:
    """How much smaller `after` is than `before`, in percent with one decimal; None when `before` is zero."""
    return None if before == 0 else round((before - after) / before * 100, 1)
