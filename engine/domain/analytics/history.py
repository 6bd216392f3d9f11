"""A cycle's past as rows: where it stood from when to when, and each act that moved it.

Dashboards read these instead of whole states, for today and for any past date. Both are functions of the cycle's
events: a moment of the state alone, an act of one event and the state before it. Times are aware UTC, spans seconds.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from engine.domain.analytics.acts import Act, Retracting, acts_of
from engine.domain.analytics.results import realisation
from engine.domain.cycle import events as e
from engine.domain.cycle.state import CycleState, Spent
from engine.domain.cycle.walk import Passage, walk
from engine.domain.deliverables import Imagine
from engine.domain.deliverables.realise import Who
from engine.domain.organisation.organisation import PostRef
from engine.domain.review.review import Action
from engine.domain.steps import CycleStatus, Step


class Moment(NamedTuple):
    """Where a cycle stands from `since` until its next moment.

    Facts from a deliverable are there as soon as its step is passed, and None before that or when they were not
    given. `posts` are the posts that may decide, parted by blanks; `left_behind` are groups of
    people, parted by line feeds.
    """

    cycle_id: str
    since: datetime
    initiative_id: str
    turn: int
    kind: str
    title: str
    pillar: str | None
    startup: str | None
    org_scope: str
    org_unit: str
    work_scope: str
    owner: str
    status: str
    step: str
    step_status: str
    steps_passed: int
    waits_for: str
    waiting_since: datetime
    posts: str
    due_at: datetime | None
    created_at: datetime
    hours_saved_per_year: float | None
    yen_per_year: float | None
    measured_at: datetime | None
    baseline_measured: bool | None
    offline_route: bool | None
    left_behind: str | None
    cost_initial_yen: float | None
    cost_running_yen: float | None
    effort_hours: float | None
    verdict: str | None
    offline_users: int | None
    citizen_score: float | None
    public_level: str | None
    imagine_owner_seconds: float | None
    imagine_approver_seconds: float | None
    transform_owner_seconds: float | None
    transform_approver_seconds: float | None
    realise_owner_seconds: float | None
    realise_approver_seconds: float | None
    share_owner_seconds: float | None
    share_approver_seconds: float | None


class Bond(NamedTuple):
    """A condition of an approval, from the moment it was set."""

    cycle_id: str
    n: int
    text: str
    owner: str
    due: date
    step: str
    set_at: datetime
    closed_at: datetime | None


class Chronicle(NamedTuple):
    """What some events add to the past: moments in order, no two of one instant, and acts.

    `retracted` are already applied to `acts`, and concern earlier ones too.
    """

    state: CycleState
    moments: tuple[Moment, ...]
    acts: tuple[Act, ...]
    retracted: tuple[Retracting, ...] = ()


def chronicle(before: CycleState | None, events: Iterable[e.Event]) -> Chronicle:
    """The rows that `events` add after `before`.

    Raises:
        ValueError: there are none.
    """
    return chronicle_of(walk(before, events))


def chronicle_of(passages: Sequence[Passage]) -> Chronicle:
    """The rows that these passages add; a moment at the instant of an earlier one takes its place.

    Raises:
        ValueError: there are none.
    """
    if not passages:
        raise ValueError("no events")
    moments, acts, taken_back = list[Moment](), list[Act](), list[Retracting]()
    first = passages[0].before
    place = _place(first) if first is not None else None
    for before, event, after in passages:
        here = _place(after)
        if place != here:
            while moments and moments[-1].since >= event.at:
                moments.pop()
            moments.append(here._replace(since=event.at))
            place = here
        if isinstance(event.data, e.DecisionRetracted):
            back = Retracting(event.data.decided, event.at)
            acts = [one._replace(retracted_at=event.at) if back.takes(one) else one for one in acts]
            taken_back.append(back)
        if before is not None:
            acts += acts_of(before, event)
    return Chronicle(passages[-1].after, tuple(moments), tuple(acts), tuple(taken_back))


def moment_of(state: CycleState, since: datetime) -> Moment:
    """The row of a state."""
    passed, approval = steps_passed(state), realisation(state)
    imagine, transform = state.deliverables.imagine, state.deliverables.transform
    realise, share = state.deliverables.realise, state.deliverables.share
    left = imagine.left_behind if passed >= 1 else None
    spent = {one.step: one for one in state.clock.spent}
    scores = [one.score for one in realise.satisfaction if one.who is Who.CITIZEN and one.score is not None]
    return Moment(
        cycle_id=state.cycle_id,
        since=since,
        initiative_id=state.initiative_id,
        turn=state.turn,
        kind=state.kind.value,
        title=state.title,
        pillar=state.pillar.value if state.pillar else None,
        startup=state.startup,
        org_scope=state.org_scope.value,
        org_unit=state.org_unit,
        work_scope=state.work_scope.value,
        owner=state.owner,
        status=state.status.value,
        step=state.step.value,
        step_status=state.step_status.value,
        steps_passed=passed,
        waits_for=state.waits_for,
        waiting_since=_waiting_since(state),
        posts=" ".join(str(post) for post in _deciding(state)),
        due_at=state.due_at,
        created_at=state.created_at,
        hours_saved_per_year=state.effects.hours_saved_per_year,
        yen_per_year=state.effects.yen_per_year,
        measured_at=approval.at if approval else None,
        baseline_measured=_baseline_measured(imagine) if passed >= 1 else None,
        offline_route=bool((left.offline_route or "").strip()) if left else None,
        left_behind="\n".join(left.groups) if left and left.groups is not None else None,
        cost_initial_yen=transform.cost_initial_yen if passed >= 2 else None,
        cost_running_yen=transform.cost_running_yen if passed >= 2 else None,
        effort_hours=transform.effort_hours if passed >= 2 else None,
        verdict=realise.verdict.value if passed >= 3 and realise.verdict else None,
        offline_users=realise.offline_users if passed >= 3 else None,
        citizen_score=_mean(scores) if passed >= 3 else None,
        public_level=share.public_level.value if passed >= 4 and share.public_level else None,
        **_spent(spent),
    )


def bonds_of(state: CycleState) -> tuple[Bond, ...]:
    """Every condition of a cycle; an inherited one is as old as the cycle."""
    approved = {one.step: one.at for one in state.decisions if one.action is Action.APPROVE_WITH_CONDITIONS}
    return tuple(
        Bond(
            cycle_id=state.cycle_id,
            n=one.n,
            text=one.text,
            owner=one.owner,
            due=one.due,
            step=one.step.value,
            set_at=state.created_at if one.blocking else approved.get(one.step, state.created_at),
            closed_at=one.closed_at,
        )
        for one in state.conditions
    )


def steps_passed(state: CycleState) -> int:
    """0 to 4: how many of the steps are approved and stand."""
    return 4 if state.status is CycleStatus.COMPLETED else state.step.rank - 1


def _place(state: CycleState) -> Moment:
    """What makes a new moment when it differs: drafts, comments and reminders do not."""
    return moment_of(state, state.created_at)


def _deciding(state: CycleState) -> tuple[PostRef, ...]:
    return state.open_posts() if state.waits_for == "approver" else ()


def _waiting_since(state: CycleState) -> datetime:
    """Since when it waits for whom it waits for now: a stage that opened later has waited less."""
    opened = [one.opened_at for one in state.review.open] if state.review and state.waits_for == "approver" else []
    return max(state.clock.since, min(opened)) if opened else state.clock.since


def _baseline_measured(imagine: Imagine) -> bool | None:
    """Whether every metric's baseline has a date and a method; None when there is no metric."""
    if not imagine.metrics:
        return None
    return all(one.baseline is not None and one.measured_on and (one.method or "").strip() for one in imagine.metrics)


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 2) if values else None


def _spent(spent: dict[Step, Spent]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for step in Step:
        one = spent.get(step)
        found[f"{step.value}_owner_seconds"] = one.owner_seconds if one else None
        found[f"{step.value}_approver_seconds"] = one.approver_seconds if one else None
    return found
