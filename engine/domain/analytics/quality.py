"""How good the work is: returns, baselines, who was left behind, results that are worse, money against effect."""

from collections.abc import Iterator, Sequence
from datetime import date

from engine.domain.analytics.figure import Figure, Tally, count_of, rate, share_of, tallied
from engine.domain.analytics.query import FiguresWanted
from engine.domain.analytics.summary import Passing, passing_of
from engine.domain.analytics.tallies import Deeds, Tallies
from engine.domain.base import Frozen
from engine.domain.cycle.state import CycleState
from engine.domain.steps import Step

LISTED = 50


class Return(Frozen):
    """差戻し: one return with its reason."""

    cycle_id: str
    step: str
    post: str | None
    person: str
    on: date
    reason: str | None


class Returns(Frozen):
    """Returns of the period; `latest` holds the newest 50."""

    rate: Figure
    by_step: tuple[Tally, ...]
    by_post: tuple[Tally, ...]
    reasons: tuple[Tally, ...]
    latest: tuple[Return, ...]


class Overdue(Frozen):
    """A condition that should be closed by now."""

    cycle_id: str
    n: int
    text: str
    owner: str
    due: date
    step: str


class LeftBehindFigures(Frozen):
    """Who might be left behind, and who was helped; `groups` counts cycles that name them."""

    offline_route_rate: Figure
    offline_users: Figure
    groups: tuple[Tally, ...]


class Disappointment(Frozen):
    """A result below its aim, with what was learned: approved as true, and shared all the same."""

    cycle_id: str
    title: str
    verdict: str
    hours_saved_per_year: float | None
    cause: str | None
    lessons_failed: str | None


class Spend(Frozen):
    """Money and effort against effect, cycle by cycle; hours and yen are never added to each other."""

    initial_yen: Figure
    running_yen_per_year: Figure
    effort_hours: Figure
    yen_per_year: Figure
    hours_saved_per_year: Figure


class QualityFigures(Frozen):
    """Everything about quality; `null` is unknown and never zero."""

    returns: Returns
    first_pass_rate: Figure
    measured_baseline_rate: Figure
    measured_result_rate: Figure
    conditions_open: Figure
    conditions_overdue: tuple[Overdue, ...]
    left_behind: LeftBehindFigures
    verdicts: tuple[Tally, ...]
    below_aim: tuple[Disappointment, ...]
    spend: Spend
    unnamed: int = 0


def quality_figures(
    tallies: Tallies, deeds: Deeds, below_aim: Sequence[Disappointment], wanted: FiguresWanted
) -> QualityFigures:
    """How good the work of the cycles that are meant is, with the period's returns and the results `below_aim`."""
    passing = passing_of(deeds)
    realised = sum(count for steps, count in tallies.counts("passed").items() if steps >= Step.REALISE.rank)
    return QualityFigures(
        returns=_returns(deeds, passing),
        first_pass_rate=passing.first_pass_rate,
        measured_baseline_rate=share_of(tallies.counts("baseline_measured")),
        measured_result_rate=rate(tallies.counts("realised")["measured"], realised),
        conditions_open=count_of(len(tallies.values("bond")), "conditions"),
        conditions_overdue=tuple(_overdue(tallies, wanted.today)),
        left_behind=LeftBehindFigures(
            offline_route_rate=share_of(tallies.counts("offline_route")),
            offline_users=tallies.total("offline_users", "people"),
            groups=tallied(tallies.counts("group"), LISTED),
        ),
        verdicts=tallied(tallies.counts("verdict")),
        below_aim=tuple(below_aim),
        spend=_spend(tallies),
    )


def lowest(tallies: Tallies) -> list[str]:
    """The cycles whose results are below their aim, the newest first."""
    return [cycle for _, cycle in reversed(tallies.values("below_aim")[-LISTED:])]


def _overdue(tallies: Tallies, today: date) -> Iterator[Overdue]:
    for due, cycle, number in tallies.values("bond")[:LISTED]:
        if due >= today:
            return
        one = next(bond for bond in tallies.standings[cycle].bonds if bond.n == number)
        yield Overdue(cycle_id=cycle, n=number, text=one.text, owner=one.owner, due=due, step=one.step)


def _spend(tallies: Tallies) -> Spend:
    """What was spent by these cycles, beside the effect that the account of effects booked for them."""
    brought = tallies.brought.result()
    return Spend(
        initial_yen=tallies.total("cost_initial_yen", "yen"),
        running_yen_per_year=tallies.total("cost_running_yen", "yen/year"),
        effort_hours=tallies.total("effort_hours", "hours"),
        yen_per_year=Figure(value=brought.yen_per_year, unit="yen/year", n=brought.measured),
        hours_saved_per_year=Figure(value=brought.hours_saved_per_year, unit="hours/year", n=brought.measured),
    )


def _returns(deeds: Deeds, passing: Passing) -> Returns:
    return Returns(
        rate=passing.return_rate,
        by_step=tallied(deeds.returned["step"]),
        by_post=tallied(deeds.returned["post"], LISTED),
        reasons=tallied(deeds.returned["reason"], LISTED),
        latest=tuple(
            Return(
                cycle_id=one.cycle_id, step=one.step, post=one.post, person=one.person, on=one.at.date(),
                reason=one.reason,
            )
            for one in deeds.latest_returns(LISTED)
        ),
    )  # fmt: skip


def disappointment(state: CycleState) -> Disappointment:
    """A result below its aim, in the words of its own cycle."""
    realise = state.deliverables.realise
    return Disappointment(
        cycle_id=state.cycle_id,
        title=state.title,
        verdict=realise.verdict.value if realise.verdict else "",
        hours_saved_per_year=state.effects.hours_saved_per_year,
        cause=realise.cause,
        lessons_failed=state.deliverables.share.lessons_failed,
    )
