"""Whether a baseline may be measured against: dated, measured anew after growth, kept where the scope is the same.

Otherwise increments would compare what cannot be compared (docs/field/ladders.md).
"""

from collections.abc import Iterator
from datetime import date

from engine.domain.cycle.events import Inheritance
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables import Imagine
from engine.domain.deliverables.required import Profile
from engine.domain.errors import FieldError


def baseline_errors(state: CycleState, profile: Profile, today: date, opened_on: date) -> tuple[FieldError, ...]:
    """What is wrong with the baselines in Imagine when it is handed in on `today` (a day in the office).

    A light form needs no date, so there a grown cycle's baseline must only be given anew, which its empty field asks.
    """
    found = list(_dates(state, profile, today, opened_on))
    if state.inheritance is not None:
        found += _kept(state.deliverables.imagine, state.inheritance)
    return tuple(found)


def _dates(state: CycleState, profile: Profile, today: date, opened_on: date) -> Iterator[FieldError]:
    anew = profile is Profile.FULL and state.inheritance is not None and state.inheritance.rebaseline_required
    for index, metric in enumerate(state.deliverables.imagine.metrics):
        here = f"/metrics/{index}/measured_on"
        if metric.measured_on is None:
            continue
        if metric.measured_on > today:
            yield FieldError(pointer=here, code="measured_in_the_future")
        elif anew and metric.measured_on < opened_on:
            yield FieldError(pointer=here, code="baseline_not_remeasured", params={"date": opened_on.isoformat()})


def _kept(imagine: Imagine, inherited: Inheritance) -> Iterator[FieldError]:
    """The same scope is measured against the same baseline, or its effects would not add up."""
    for index, metric in enumerate(imagine.metrics):
        kept = inherited.kept_baselines.get(metric.code or "")
        if kept is not None and metric.baseline is not None and metric.baseline != kept:
            yield FieldError(
                pointer=f"/metrics/{index}/baseline", code="keeps_its_baseline", params={"baseline": f"{kept:g}"}
            )
    before, now = inherited.kept_as_is, imagine.as_is
    if before is None or now is None:
        return
    for name in ("minutes_per_case", "running_cost_yen"):
        kept, given = getattr(before, name), getattr(now, name)
        if kept is not None and given is not None and kept != given:
            yield FieldError(pointer=f"/as_is/{name}", code="keeps_its_baseline", params={"baseline": f"{kept:g}"})
