"""What one cycle's result says: when it was approved, where each number comes from, whether a sustained effect holds.

Every figure carries its unit, its method, its dates and its source, or says that it is not measured.
"""

from datetime import date, datetime
from enum import StrEnum

from engine.domain.base import Frozen
from engine.domain.cycle.state import CycleState, Decision
from engine.domain.deliverables.imagine import Direction, Metric
from engine.domain.deliverables.realise import Result
from engine.domain.effects.account import AccountEntry
from engine.domain.effects.measured import MetricEffect
from engine.domain.lineage.edges import edges
from engine.domain.review.review import Action
from engine.domain.steps import CycleKind, Step
from engine.domain.units import same_unit

_APPROVED = (Action.APPROVE, Action.APPROVE_WITH_CONDITIONS)
HOURS_METHOD = "(as-is minutes per case - actual minutes per case) * actual cases per year / 60"
YEN_METHOD = "hours saved per year * hourly rate + running cost before - running cost after"
YEN_METHOD_NO_RATE = (
    "running cost before - running cost after; no hourly rate is set, so hours are not counted as yen"
)


class Source(Frozen):
    """Who stands for a figure: the owner who measured it, and the approval that found it true."""

    cycle_id: str
    round: int
    measured_by: str
    approved_by: str
    approved_at: datetime


class MeasuredFigure(Frozen):
    """One number with everything it needs to be believed; `value` is None until measured.

    Args:
        n: how many cases or people the measurement rests on; None where nobody said.
        measured_from, measured_to: the span of the measurement.
    """

    value: float | None
    unit: str
    method: str
    measured_from: date | None = None
    measured_to: date | None = None
    n: int | None = None
    source: Source | None = None


class MetricFigure(MeasuredFigure):
    """A metric's figure beside its baseline and target; `worse` when it moved the wrong way."""

    code: str
    name: str
    direction: Direction
    baseline: float
    baseline_measured_on: date | None
    target: float
    same_method: bool | None
    reached: bool | None
    worse: bool | None


class SustainOutcome(StrEnum):
    """Whether a sustained effect still holds: 維持 · 低下 · 消失."""

    KEPT = "kept"
    REDUCED = "reduced"
    LOST = "lost"


class Sustained(Frozen):
    """A sustained effect measured again; `outcome` is None until then."""

    hours_before: float | None
    hours_now: float | None
    difference: float | None
    outcome: SustainOutcome | None


def realisation(state: CycleState) -> Decision | None:
    """The approval that the cycle's effects rest on; None until a result is approved."""
    measured = state.effects.hours_saved_per_year is not None or any(
        one.actual is not None for one in state.effects.metrics
    )
    if not measured:
        return None
    under_way = state.round if state.step is Step.REALISE else None
    return next(
        (
            one
            for one in reversed(state.decisions)
            if one.step is Step.REALISE and one.action in _APPROVED and one.round != under_way
        ),
        None,
    )


def source(state: CycleState) -> Source | None:
    """Where the cycle's figures come from."""
    approval = realisation(state)
    if approval is None:
        return None
    return Source(
        cycle_id=state.cycle_id,
        round=approval.round,
        measured_by=state.owner,
        approved_by=approval.by,
        approved_at=approval.at,
    )


def hours_figure(state: CycleState) -> MeasuredFigure:
    """Hours saved per year."""
    return _figure(state, state.effects.hours_saved_per_year, "時間/年", HOURS_METHOD)


def yen_figure(state: CycleState) -> MeasuredFigure:
    """Yen per year: time saved is not cash by itself, so it needs the policy's rate or known running costs."""
    method = YEN_METHOD if state.effects.hourly_rate_yen is not None else YEN_METHOD_NO_RATE
    return _figure(state, state.effects.yen_per_year, "円/年", method)


def metric_figures(state: CycleState) -> tuple[MetricFigure, ...]:
    """Every metric whose baseline and target were approved."""
    defined = {metric.code: metric for metric in state.deliverables.imagine.metrics}
    results = {result.metric: result for result in state.deliverables.realise.results}
    origin = source(state)
    return tuple(
        _metric_figure(one, defined.get(one.code), results.get(one.code), origin) for one in state.effects.metrics
    )


def sustained(state: CycleState) -> Sustained | None:
    """How the effect of a sustained result stands now; None for a cycle of another kind.

    Kept: at least as many hours as before. Reduced: fewer, but still some. Lost: none, or worse than before.
    """
    return sustained_since(state.kind, hours_before(state), state.effects.hours_saved_per_year)


def hours_before(state: CycleState) -> float | None:
    """The hours a year that a sustain cycle is held against; None for a cycle of another kind."""
    kept = state.inheritance if state.kind is CycleKind.SUSTAIN else None
    return kept.reference_hours_saved_per_year if kept else None


def sustained_since(kind: CycleKind, before: float | None, now: float | None) -> Sustained | None:
    """Like `sustained`, from the two figures alone."""
    if kind is not CycleKind.SUSTAIN:
        return None
    if before is None or now is None:
        return Sustained(hours_before=before, hours_now=now, difference=None, outcome=None)
    outcome = SustainOutcome.KEPT if now >= before else SustainOutcome.REDUCED if now > 0 else SustainOutcome.LOST
    return Sustained(hours_before=before, hours_now=now, difference=round(now - before, 6), outcome=outcome)


def entry_of(state: CycleState) -> AccountEntry:
    """The cycle as the account of effects sees it."""
    approval, verdict = realisation(state), state.deliverables.realise.verdict
    return AccountEntry(
        cycle_id=state.cycle_id,
        initiative_id=state.initiative_id,
        kind=state.kind,
        status=state.status,
        turn=state.turn,
        pillar=state.pillar.value if state.pillar else None,
        startup=state.startup,
        org_scope=state.org_scope.value,
        org_unit=state.org_unit,
        hours_saved_per_year=state.effects.hours_saved_per_year,
        yen_per_year=state.effects.yen_per_year,
        hourly_rate_yen=state.effects.hourly_rate_yen,
        realised_at=approval.at if approval else None,
        verdict=verdict.value if approval and verdict else None,
        parents=state.parents,
        again=tuple(one.parent for one in edges(state) if one.kind.same_scope),
        adopted_from=state.adopted_from,
    )


def _figure(state: CycleState, value: float | None, unit: str, method: str) -> MeasuredFigure:
    if value is None:
        return MeasuredFigure(value=None, unit=unit, method=method)
    results = state.deliverables.realise.results
    starts = [one.start for one in results if one.start]
    ends = [one.to for one in results if one.to]
    return MeasuredFigure(
        value=value,
        unit=unit,
        method=method,
        measured_from=min(starts, default=None),
        measured_to=max(ends, default=None),
        n=_sample(state),
        source=source(state),
    )


def _sample(state: CycleState) -> int | None:
    """How many cases the minutes per case rest on: the sample of a metric in that unit, if there is one."""
    units = {metric.code: metric.unit or "" for metric in state.deliverables.imagine.metrics}
    samples = [
        one.n
        for one in state.deliverables.realise.results
        if one.n is not None and same_unit(units.get(one.metric, ""), "min/case")
    ]
    return samples[0] if samples else None


def _metric_figure(
    one: MetricEffect, defined: Metric | None, result: Result | None, origin: Source | None
) -> MetricFigure:
    measured = one.actual is not None
    wrong_way = None
    if one.actual is not None:
        wrong_way = one.actual < one.baseline if one.direction is Direction.UP else one.actual > one.baseline
    return MetricFigure(
        code=one.code,
        name=one.name,
        unit=one.unit,
        direction=one.direction,
        baseline=one.baseline,
        baseline_measured_on=defined.measured_on if defined else None,
        target=one.target,
        value=one.actual,
        method=(defined.method if defined else None) or "",
        measured_from=result.start if measured and result else None,
        measured_to=result.to if measured and result else None,
        n=result.n if measured and result else None,
        same_method=result.same_method if measured and result else None,
        source=origin if measured else None,
        reached=one.reached,
        worse=wrong_way,
    )
