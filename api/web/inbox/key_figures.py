"""A gate at first sight: the few numbers and words that a decider looks for first, step by step."""

from collections.abc import Iterator

from api.web.format.gettext import N_, name_of
from api.web.frame.page import Context, MemberVisit, number
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables.imagine import AsIs
from engine.domain.effects.measured import reduction_percent
from engine.domain.steps import Step


class GateGlance(Context):
    """One figure: with `before` it is a change; `percent` is how much less it became (negative: more)."""

    label: str
    value: str
    unit: str = ""
    before: str | None = None
    percent: float | None = None


def glance(state: CycleState, visit: MemberVisit) -> tuple[GateGlance, ...]:
    """The figures of the step that is decided; what is not written is left out."""
    match state.step:
        case Step.IMAGINE:
            return tuple(_imagine(state, visit))
        case Step.TRANSFORM:
            return tuple(_transform(state, visit))
        case Step.REALISE:
            return tuple(_realise(state, visit))
        case Step.SHARE:
            return tuple(_share(state, visit))


def _imagine(state: CycleState, visit: MemberVisit) -> Iterator[GateGlance]:
    as_is, metrics = state.deliverables.imagine.as_is, state.deliverables.imagine.metrics
    if as_is and as_is.cases_per_year is not None and as_is.minutes_per_case is not None:
        hours = as_is.cases_per_year * as_is.minutes_per_case / 60
        yield GateGlance(label=visit.say("Work today"), value=number(hours), unit=visit.say("h/year"))
    for metric in metrics[:1]:
        if metric.baseline is not None and metric.target is not None:
            label = metric.name or visit.say("Target")
            yield _change(label, metric.baseline, metric.target, metric.unit or "")


def _transform(state: CycleState, visit: MemberVisit) -> Iterator[GateGlance]:
    done = state.deliverables.transform
    as_is = state.deliverables.imagine.as_is
    if done.to_be and done.to_be.minutes_per_case is not None:
        yield from _minutes(as_is, done.to_be.minutes_per_case, visit)
    for label, yen, unit in (
        (N_("Cost, once"), done.cost_initial_yen, N_("yen")),
        (N_("Cost, each year"), done.cost_running_yen, N_("yen/year")),
    ):
        if yen is not None:
            yield GateGlance(label=visit.say(label), value=number(yen), unit=visit.say(unit))
    if done.trials:
        cases = sum(one.cases or 0 for one in done.trials)
        yield GateGlance(label=visit.say("Tried"), value=number(cases), unit=visit.say("cases"))


def _realise(state: CycleState, visit: MemberVisit) -> Iterator[GateGlance]:
    done = state.deliverables.realise
    if done.actual and done.actual.minutes_per_case is not None:
        yield from _minutes(state.deliverables.imagine.as_is, done.actual.minutes_per_case, visit)
    yield from _hours(state, visit)
    if done.verdict is not None:
        yield GateGlance(label=visit.say("The owner's verdict"), value=name_of(done.verdict, visit.language))


def _share(state: CycleState, visit: MemberVisit) -> Iterator[GateGlance]:
    yield from _hours(state, visit)
    for one in state.deliverables.share.next[:2]:
        if one.kind is not None:
            scope = f" ({name_of(one.org_scope, visit.language)})" if one.org_scope else ""
            yield GateGlance(label=visit.say("The next turn"), value=f"{name_of(one.kind, visit.language)}{scope}")
    level = state.deliverables.share.public_level
    if level is not None:
        yield GateGlance(label=visit.say("Open to"), value=name_of(level, visit.language))


def _minutes(as_is: AsIs | None, after: float, visit: MemberVisit) -> Iterator[GateGlance]:
    before = as_is.minutes_per_case if as_is else None
    label, unit = visit.say("Time for one case"), visit.say("min/case")
    yield (
        GateGlance(label=label, value=number(after), unit=unit)
        if before is None
        else _change(label, before, after, unit)
    )


def _hours(state: CycleState, visit: MemberVisit) -> Iterator[GateGlance]:
    hours = state.effects.hours_saved_per_year
    if hours is not None:
        yield GateGlance(label=visit.say("Hours saved a year"), value=number(hours), unit=visit.say("h/year"))


def _change(label: str, before: float, after: float, unit: str) -> GateGlance:
    percent = reduction_percent(before, after)
    return GateGlance(label=label, value=number(after), unit=unit, before=number(before), percent=percent)
