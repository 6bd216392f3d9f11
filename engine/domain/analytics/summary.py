"""The dashboard's first page: how many stand where, how long it takes, how much of it succeeds."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from engine.domain.analytics.figure import Figure, count_of, counted, median_days, rate, share_of
from engine.domain.analytics.query import FiguresWanted
from engine.domain.analytics.tallies import SIDES, Deeds, Tallies
from engine.domain.base import Frozen
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


def passing_of(deeds: Deeds) -> Passing:
    """How the reviews of the period ended."""
    return Passing(
        passed=deeds.kinds["pass"],
        first=deeds.first,
        returned=deeds.kinds["return"],
        rejected=deeds.kinds["reject"],
    )


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
    ended_early_rate: Figure
    """Withdrawn or rejected, of all cycles that have ended."""
    effects: EffectFigures
    first_pass_rate: Figure
    return_rate: Figure
    offline_route_rate: Figure
    measured_baseline_rate: Figure


def summary(tallies: Tallies, deeds: Deeds, wanted: FiguresWanted) -> Summary:
    """The first page.

    Args:
        tallies: the cycles that are meant, counted.
        deeds: the acts on these cycles in the period, counted.
        wanted: what was asked.
    """
    passing = passing_of(deeds)
    ends = {status: tallies.counts("status")[status.value] for status in CycleStatus if not status.is_open}
    done, brought = ends[CycleStatus.COMPLETED], tallies.brought.result()
    return Summary(
        as_of=wanted.today,
        fiscal_year=wanted.fiscal_year,
        cycles=count_of(len(tallies), "cycles"),
        initiatives=count_of(len(tallies.counts("initiative")), "initiatives"),
        completed=count_of(done, "cycles"),
        counts=counts(tallies),
        waiting=bands(tallies, wanted.at),
        overdue=count_of(tallies.before("due", wanted.at), "cycles"),
        owner_time=median_days(tallies.values(("spent", "owner"))),
        approver_time=median_days(tallies.values(("spent", "approver"))),
        steps=tuple(step_time(tallies, step) for step in Step),
        conversion=conversion(tallies),
        expansion_rate=rate(tallies.counts("grown")["completed"], done),
        ended_early_rate=rate(sum(ends.values()) - done, sum(ends.values())),
        effects=EffectFigures(
            hours_saved_per_year=Figure(value=brought.hours_saved_per_year, unit="hours/year", n=brought.measured),
            yen_per_year=Figure(value=brought.yen_per_year, unit="yen/year", n=brought.measured),
            unmeasured=count_of(brought.unmeasured, "cycles"),
            worse=count_of(brought.worse, "cycles"),
        ),
        first_pass_rate=passing.first_pass_rate,
        return_rate=passing.return_rate,
        offline_route_rate=share_of(tallies.counts("offline_route")),
        measured_baseline_rate=share_of(tallies.counts("baseline_measured")),
    )


def catalogue(found: Summary) -> Iterator[tuple[str, Figure]]:
    """Every single figure of the first page by its path, in order: what page, command line and tests loop over."""
    for name in Summary.model_fields:
        value = getattr(found, name)
        if isinstance(value, Figure):
            yield name, value
        elif isinstance(value, EffectFigures):
            yield from ((f"{name}.{inner}", getattr(value, inner)) for inner in EffectFigures.model_fields)


def counts(tallies: Tallies) -> Counts:
    """How many stand where."""
    return Counts(
        step=counted(tallies.counts("step"), Step),
        step_status=counted(tallies.counts("step_status")),
        status=counted(tallies.counts("status"), CycleStatus),
        kind=counted(tallies.counts("kind"), CycleKind),
        org_scope=counted(tallies.counts("org_scope"), OrgScope),
        work_scope=counted(tallies.counts("work_scope"), WorkScope),
        pillar=counted(tallies.counts("pillar"), Pillar),
        startup=counted(tallies.counts("startup")),
        org_unit=counted(tallies.counts("org_unit")),
    )


def bands(tallies: Tallies, at: datetime) -> tuple[Band, ...]:
    """What waits, by how long it has waited for whom it waits for now."""
    edges = (0, *BANDS)
    found: dict[str, list[int]] = {}
    for who in SIDES:
        over = [tallies.before(("since", who), at - timedelta(days=days)) for days in BANDS]
        longer = [len(tallies.values(("since", who))), *over]
        found[who] = [one - other for one, other in zip(longer, (*over, 0), strict=True)]
    return tuple(
        Band(over_days=low, up_to_days=high, owner=owner, approver=approver)
        for low, high, owner, approver in zip(edges, (*BANDS, None), found["owner"], found["approver"], strict=True)
    )


def step_time(tallies: Tallies, step: Step) -> StepTime:
    """How long a step takes, over the cycles that have passed it."""
    owner, approver = (median_days(tallies.values((step, who))) for who in SIDES)
    return StepTime(step=step, owner=owner, approver=approver)


def conversion(tallies: Tallies) -> tuple[Conversion, ...]:
    """How far cycles come: of all that began, imagined; of those, transformed; … of those that shared, grown."""
    passed = tallies.counts("passed")
    reached = [sum(count for steps, count in passed.items() if steps >= least) for least in range(len(Step) + 1)]
    stages = [*(step.value for step in Step), "expand"]
    return tuple(
        Conversion(stage=stage, passed=rate(part, whole))
        for stage, whole, part in zip(stages, reached, [*reached[1:], tallies.counts("grown")["passed"]], strict=True)
    )
