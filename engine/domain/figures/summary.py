"""The dashboard's first page: how many stand where, how long it takes, how much of it succeeds."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from engine.domain.account import EffectSum
from engine.domain.approvals import Frozen
from engine.domain.figures.measure import Figure, count_of, counted, median_days, rate, share_of
from engine.domain.figures.wanted import OPEN, Wanted
from engine.domain.history import Moment
from engine.domain.roadmap import Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind, CycleStatus, Step

BANDS = (5, 10, 30, 90)
"""The age bands' upper ends, in days; the last band is open."""


class Counts(Frozen):
    """How many cycles. `step` counts open cycles only: where they stand now; every other count takes all."""

    step: dict[str, int]
    step_status: dict[str, int]
    status: dict[str, int]
    kind: dict[str, int]
    org_scope: dict[str, int]
    work_scope: dict[str, int]
    pillar: dict[str, int]
    startup: dict[str, int]
    org_unit: dict[str, int]


class Band(Frozen):
    """How many wait that long: more than `over_days`, at most `up_to_days` (None: no end)."""

    over_days: int
    up_to_days: int | None
    owner: int
    approver: int


class StepTime(Frozen):
    """Median days that one passed step spent with its owner and with its approvers; holds count for neither."""

    step: Step
    owner: Figure
    approver: Figure


class Conversion(Frozen):
    """Of the cycles that reached one stage, how many passed it; those still under way are among `n`."""

    stage: str
    passed: Figure


class Passing(Frozen):
    """Outcomes of reviews, from the acts of the period: passed steps, those at the first go, and what came back."""

    passed: int = 0
    first: int = 0
    returned: int = 0
    rejected: int = 0

    @property
    def first_pass_rate(self) -> Figure:
        """Steps passed in their first decided round, of all steps passed."""
        return rate(self.first, self.passed)

    @property
    def return_rate(self) -> Figure:
        """差戻し: rounds returned, of all rounds that came to an end by a decision."""
        return rate(self.returned, self.passed + self.returned + self.rejected)


class EffectFigures(Frozen):
    """What the cycles that are meant brought; `worse` counts results that are worse than before."""

    hours_saved_per_year: Figure
    yen_per_year: Figure
    unmeasured: Figure
    worse: Figure


class Summary(Frozen):
    """The first page. `effects` sum what was measured in the period, as increments: no hour counts twice."""

    as_of: date
    fiscal_year: int | None
    cycles: Figure
    initiatives: Figure
    completed: Figure
    counts: Counts
    waiting: tuple[Band, ...]
    overdue: Figure
    owner_time: Figure
    approver_time: Figure
    steps: tuple[StepTime, ...]
    conversion: tuple[Conversion, ...]
    expansion_rate: Figure
    effects: EffectFigures
    first_pass_rate: Figure
    return_rate: Figure
    offline_route_rate: Figure
    measured_baseline_rate: Figure


def summary(
    moments: Sequence[Moment], expanded: Collection[str], passing: Passing, brought: EffectSum, wanted: Wanted
) -> Summary:
    """The first page.

    Args:
        moments: where the cycles that are meant stand.
        expanded: ids of the cycles out of which a larger one has grown.
        passing: outcomes of the reviews of these cycles in the period.
        brought: the sum of their bookings in the account of effects.
        wanted: what was asked.
    """
    done = [one for one in moments if one.status == CycleStatus.COMPLETED]
    owners = [one for moment in moments for one in _spent(moment, "owner")]
    approvers = [one for moment in moments for one in _spent(moment, "approver")]
    return Summary(
        as_of=wanted.today,
        fiscal_year=wanted.fiscal_year,
        cycles=count_of(len(moments), "cycles"),
        initiatives=count_of(len({one.initiative_id for one in moments}), "initiatives"),
        completed=count_of(len(done), "cycles"),
        counts=counts(moments),
        waiting=bands(moments, wanted.at),
        overdue=count_of(sum(_is_overdue(one, wanted.at) for one in moments), "cycles"),
        owner_time=median_days(owners),
        approver_time=median_days(approvers),
        steps=tuple(step_time(moments, step) for step in Step),
        conversion=conversion(moments, expanded),
        expansion_rate=rate(sum(one.cycle_id in expanded for one in done), len(done)),
        effects=EffectFigures(
            hours_saved_per_year=Figure(value=brought.hours_saved_per_year, unit="hours/year", n=brought.measured),
            yen_per_year=Figure(value=brought.yen_per_year, unit="yen/year", n=brought.measured),
            unmeasured=count_of(brought.unmeasured, "cycles"),
            worse=count_of(brought.worse, "cycles"),
        ),
        first_pass_rate=passing.first_pass_rate,
        return_rate=passing.return_rate,
        offline_route_rate=share_of(one.offline_route for one in moments),
        measured_baseline_rate=share_of(one.baseline_measured for one in moments),
    )


def counts(moments: Sequence[Moment]) -> Counts:
    """How many stand where."""
    open_ = [one for one in moments if one.status in OPEN]
    return Counts(
        step=counted((one.step for one in open_), Step),
        step_status=counted(one.step_status for one in open_),
        status=counted((one.status for one in moments), CycleStatus),
        kind=counted((one.kind for one in moments), CycleKind),
        org_scope=counted((one.org_scope for one in moments), OrgScope),
        work_scope=counted((one.work_scope for one in moments), WorkScope),
        pillar=counted((one.pillar for one in moments), Pillar),
        startup=counted(one.startup for one in moments),
        org_unit=counted(one.org_unit for one in moments),
    )


def bands(moments: Sequence[Moment], at: datetime) -> tuple[Band, ...]:
    """What waits, by how long it has waited for whom it waits for now."""
    edges = (0, *BANDS)
    cuts = [at - timedelta(days=days) for days in BANDS]
    found = {who: [0] * len(edges) for who in ("owner", "approver")}
    for one in moments:
        if one.waits_for in found:
            found[one.waits_for][sum(one.waiting_since < cut for cut in cuts)] += 1
    return tuple(
        Band(over_days=low, up_to_days=high, owner=owner, approver=approver)
        for low, high, owner, approver in zip(edges, (*BANDS, None), found["owner"], found["approver"], strict=True)
    )


def step_time(moments: Sequence[Moment], step: Step) -> StepTime:
    """How long a step takes, over the cycles that have passed it."""
    passed = [one for one in moments if one.steps_passed >= step.rank]
    return StepTime(
        step=step,
        owner=median_days(getattr(one, f"{step.value}_owner_seconds") for one in passed),
        approver=median_days(getattr(one, f"{step.value}_approver_seconds") for one in passed),
    )


def conversion(moments: Sequence[Moment], expanded: Collection[str]) -> tuple[Conversion, ...]:
    """How far cycles come: of all that began, imagined; of those, transformed; … of those that shared, grown."""
    reached = [len(moments), *(sum(one.steps_passed >= step.rank for one in moments) for step in Step)]
    grown = sum(one.cycle_id in expanded and one.steps_passed == 4 for one in moments)
    stages = [*(step.value for step in Step), "expand"]
    return tuple(
        Conversion(stage=stage, passed=rate(part, whole))
        for stage, whole, part in zip(stages, reached, [*reached[1:], grown], strict=True)
    )


def _spent(moment: Moment, who: str) -> list[float | None]:
    """What a cycle's passed steps took, one by one."""
    return [getattr(moment, f"{step.value}_{who}_seconds") for step in Step if moment.steps_passed >= step.rank]


def _is_overdue(moment: Moment, at: datetime) -> bool:
    return moment.due_at is not None and moment.due_at < at
