"""Differences between two submissions as a reader would say them: labels for places, words for values."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.web.cycle.sheet import joined, lines_of, texts_of
from api.web.forms.model_form import Asking, FormField, day_said, fields, shown
from api.web.frame.page import Context, MemberVisit
from engine.domain.cycle.differences import FieldDifference
from engine.domain.cycle.versions import Version, between, version
from engine.domain.deliverables import Deliverable
from engine.domain.deliverables.required import Profile
from engine.domain.steps import Step
from engine.language.fields import label


class ChangedPlace(Context):
    """One place that differs; `before` or `after` is empty when it was added or removed."""

    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    key_field: bool


def differences(found: tuple[Version, ...], a: int, b: int, visit: MemberVisit) -> tuple[ChangedPlace, ...]:
    """What changed from version `a` to version `b`, in the order of the form.

    Raises:
        DomainError: `unknown_version`; `versions_of_different_steps`.
    """
    changes = between(found, a, b)
    step = version(found, a).step
    old, new = (_fields(version(found, n).deliverable, step, visit) for n in (a, b))
    return tuple(_said(one, step, old, new, visit) for one in changes)


def since_last_time(found: tuple[Version, ...], step: Step, visit: MemberVisit) -> tuple[ChangedPlace, ...]:
    """What is different from the step's submission before, if there was one; `found` are the cycle's versions."""
    same = [one.n for one in found if one.step is step]
    return differences(found, same[-2], same[-1], visit) if len(same) > 1 else ()


def _said(
    change: FieldDifference,
    step: Step,
    old: Mapping[str, FormField],
    new: Mapping[str, FormField],
    visit: MemberVisit,
) -> ChangedPlace:
    parts = [one.replace("~1", "/").replace("~0", "~") for one in change.pointer.split("/")[1:]]
    name = ".".join(parts)
    names: list[str] = []
    for index, part in enumerate(parts):
        if part.isdecimal() and names:
            names[-1] += f" {int(part) + 1}"
        else:
            names.append(label(".".join((step.value, *parts[: index + 1])), visit.language))
    return ChangedPlace(
        label=" › ".join(names),
        before=_texts(name, change.before, new if change.after is not None else old, visit),
        after=_texts(name, change.after, new, visit),
        key_field=change.key_field,
    )


def _texts(name: str, value: Any, known: Mapping[str, FormField], visit: MemberVisit) -> tuple[str, ...]:
    """A value in words; a whole group or row is read from the form it stands in."""
    if value is None:
        return ()
    one = known.get(name)
    if one is not None and one.kind == "group":
        return tuple(f"{line.label}: {', '.join(line.texts)}" for line in lines_of(one.parts) if line.texts)
    if one is not None and one.kind == "rows":
        return tuple(joined(row) for row in one.rows)
    if one is not None:
        return texts_of(
            one.model_copy(update={"value": shown(value, one.kind), "says": day_said(value, visit.language)})
        )
    above, _, place = name.rpartition(".")
    whole = known.get(above)
    if whole is not None and whole.kind == "rows" and place.isdecimal() and int(place) < len(whole.rows):
        return (joined(whole.rows[int(place)]),)
    return (dict(whole.options).get(str(value), str(value)) if whole is not None else str(value),)


def _fields(deliverable: Deliverable, step: Step, visit: MemberVisit) -> Mapping[str, FormField]:
    values = deliverable.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    asking = Asking(step=step.value, language=visit.language, profile=Profile.LIGHT)
    return {one.name: one for one in _flat(fields(type(deliverable), values, asking))}


def _flat(found: tuple[FormField, ...]) -> Iterator[FormField]:
    for one in found:
        yield one
        yield from _flat(one.parts)
        for row in one.rows:
            yield from _flat(row)
