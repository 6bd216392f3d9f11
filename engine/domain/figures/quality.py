"""How good the work is: returns, baselines, who was left behind, results that are worse, money against effect."""

from collections.abc import Iterable, Sequence
from datetime import date

from engine.domain.approvals import Frozen
from engine.domain.figures.measure import Figure, Tally, count_of, rate, share_of, tallied, total
from engine.domain.figures.summary import Passing
from engine.domain.figures.wanted import Wanted
from engine.domain.history import Act, Bond, Moment
from engine.domain.state import CycleState

WORSE = ("not", "worse")
"""Verdicts that are told with what was learned."""
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


class LeftBehind(Frozen):
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
    left_behind: LeftBehind
    verdicts: tuple[Tally, ...]
    below_aim: tuple[Disappointment, ...]
    spend: Spend


def quality_figures(  # noqa: PLR0913, PLR0917 - what quality is seen from
    moments: Sequence[Moment],
    passing: Passing,
    returned: Sequence[Act],
    bonds: Sequence[Bond],
    below_aim: Iterable[CycleState],
    spend: Spend,
    wanted: Wanted,
) -> QualityFigures:
    """From where cycles stand, the period's returns and open conditions, and the states of those `below_aim`."""
    realised = [one for one in moments if one.steps_passed >= 3]
    overdue = [one for one in bonds if one.due < wanted.today]
    return QualityFigures(
        returns=_returns(returned, passing),
        first_pass_rate=passing.first_pass_rate,
        measured_baseline_rate=share_of(one.baseline_measured for one in moments),
        measured_result_rate=rate(sum(one.hours_saved_per_year is not None for one in realised), len(realised)),
        conditions_open=count_of(len(bonds), "conditions"),
        conditions_overdue=tuple(
            Overdue(cycle_id=one.cycle_id, n=one.n, text=one.text, owner=one.owner, due=one.due, step=one.step)
            for one in overdue[:LISTED]
        ),
        left_behind=LeftBehind(
            offline_route_rate=share_of(one.offline_route for one in moments),
            offline_users=total((one.offline_users for one in moments), "people"),
            groups=tallied(group for one in moments for group in (one.left_behind or "").split("\n") if group)[
                :LISTED
            ],
        ),
        verdicts=tallied(one.verdict for one in moments if one.verdict),
        below_aim=tuple(_disappointment(state) for state in below_aim),
        spend=spend,
    )


def spend_of(moments: Sequence[Moment], hours: float | None, yen: float | None, measured: int) -> Spend:
    """What was spent by these cycles, beside the effect that the account of effects booked for them."""
    return Spend(
        initial_yen=total((one.cost_initial_yen for one in moments), "yen"),
        running_yen_per_year=total((one.cost_running_yen for one in moments), "yen/year"),
        effort_hours=total((one.effort_hours for one in moments), "hours"),
        yen_per_year=Figure(value=yen, unit="yen/year", n=measured),
        hours_saved_per_year=Figure(value=hours, unit="hours/year", n=measured),
    )


def _returns(returned: Sequence[Act], passing: Passing) -> Returns:
    latest = sorted(returned, key=lambda one: one.at, reverse=True)
    return Returns(
        rate=passing.return_rate,
        by_step=tallied(one.step for one in returned),
        by_post=tallied(one.post for one in returned if one.post)[:LISTED],
        reasons=tallied((one.reason or "").strip() for one in returned if one.reason)[:LISTED],
        latest=tuple(
            Return(
                cycle_id=one.cycle_id, step=one.step, post=one.post, person=one.person, on=one.at.date(),
                reason=one.reason,
            )
            for one in latest[:LISTED]
        ),
    )  # fmt: skip


def _disappointment(state: CycleState) -> Disappointment:
    realise = state.deliverables.realise
    return Disappointment(
        cycle_id=state.cycle_id,
        title=state.title,
        verdict=realise.verdict.value if realise.verdict else "",
        hours_saved_per_year=state.effects.hours_saved_per_year,
        cause=realise.cause,
        lessons_failed=state.deliverables.share.lessons_failed,
    )
