"""What a step handed in, to read: labels, words for values, and each metric from baseline to actual as a bar."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.web.forms.choices import choices_of
from api.web.forms.model_form import Asking, FormField, fields, read
from api.web.frame.page import Context, MemberVisit
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables import Deliverable, Deliverables
from engine.domain.deliverables.required import Profile
from engine.domain.steps import Step


class SheetLine(Context):
    """A label and its texts; `depth` 1 stands inside a group."""

    label: str
    texts: tuple[str, ...]
    depth: int = 0


class SheetSection(Context):
    """One step's sheet; without lines nothing is there yet."""

    step: Step
    lines: tuple[SheetLine, ...]


class MetricBar(Context):
    """A metric on one scale: places are 0 to 100."""

    name: str
    unit: str
    baseline: float
    target: float
    actual: float | None
    reached: bool | None
    at_baseline: float
    at_target: float
    at_actual: float | None


def sheet(state: CycleState, step: Step, visit: MemberVisit) -> SheetSection:
    """Everything that is filled in, in the order of the form."""
    return section_of(state, step, state.deliverables.of(step), visit)


def section_of(
    state: CycleState, step: Step, deliverable: Deliverable | None, visit: MemberVisit,
    typed: Mapping[str, Sequence[str]] | None = None,
) -> SheetSection:  # fmt: skip
    """The same of a deliverable that is not the cycle's latest, or of a page's texts that cannot be read as one."""
    model = Deliverables.MODELS[step]
    if typed is not None:
        values = read(model, typed)
    else:
        values = (deliverable or model()).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    asking = Asking(
        step=step.value,
        language=visit.language,
        profile=Profile.LIGHT,
        choices=choices_of(state, step, visit.caller.facts, visit.language),
    )
    return SheetSection(step=step, lines=tuple(lines_of(fields(model, values, asking))))


def bars(state: CycleState) -> tuple[MetricBar, ...]:
    """Every metric with a baseline and a target, with the actual once it is handed in."""
    results = {one.metric: one.value for one in state.deliverables.realise.results}
    found = []
    for metric in state.deliverables.imagine.metrics:
        if metric.baseline is None or metric.target is None:
            continue
        actual = results.get(metric.code)
        known = [metric.baseline, metric.target, *([actual] if actual is not None else [])]
        low, high = min(0.0, *known), max(0.0, *known)
        span = (high - low) or 1.0
        up = metric.direction is not None and metric.direction.value == "up"
        reached = None if actual is None else actual >= metric.target if up else actual <= metric.target
        found.append(
            MetricBar(
                name=metric.name or metric.code or "",
                unit=metric.unit or "",
                baseline=metric.baseline,
                target=metric.target,
                actual=actual,
                reached=reached,
                at_baseline=round((metric.baseline - low) / span * 100, 1),
                at_target=round((metric.target - low) / span * 100, 1),
                at_actual=None if actual is None else round((actual - low) / span * 100, 1),
            )
        )
    return tuple(found)


def lines_of(made: tuple[FormField, ...], depth: int = 0) -> Iterator[SheetLine]:
    """Everything that is filled in, as labels and texts."""
    for one in made:
        if one.kind == "hidden":
            continue
        if one.kind == "group":
            inner = tuple(lines_of(one.parts, depth + 1))
            if inner:
                yield SheetLine(label=one.label, texts=(), depth=depth)
                yield from inner
        elif one.kind == "rows":
            texts = tuple(text for row in one.rows if (text := joined(row)))
            if texts and any(one.rows):
                yield SheetLine(label=one.label, texts=texts, depth=depth)
        elif texts := texts_of(one):
            yield SheetLine(label=one.label, texts=texts, depth=depth)


def joined(row: tuple[FormField, ...]) -> str:
    """A row of a list in one line."""
    return " / ".join(
        f"{part.label}: {', '.join(texts)}" for part in row if part.kind != "hidden" and (texts := texts_of(part))
    )


def texts_of(one: FormField) -> tuple[str, ...]:
    """A control's value in words."""
    names: Mapping[str, str] = dict(one.options)
    value: Any = one.value
    if one.kind == "ticks":
        return tuple(names.get(each, each) for each in value)
    if one.kind == "lines":
        return tuple(line for line in str(value).splitlines() if line)
    if not value:
        return ()
    if one.kind == "date":
        return (one.says or str(value),)
    text = names.get(str(value), str(value))
    return (f"{text} {one.unit}".strip(),)
