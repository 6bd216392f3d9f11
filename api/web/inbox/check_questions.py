"""What a manager looks at, gate by gate (docs/field/steps.md), each question beside what the sheet says about it."""

from collections.abc import Iterator, Mapping

from api.web.cycle.sheet import texts_of
from api.web.format.gettext import N_, name_of
from api.web.forms.choices import choices_of
from api.web.forms.model_form import Asking, FormField, fields
from api.web.frame.page import Context, MemberVisit
from api.web.frame.people import someone, unit_name
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables.required import Profile
from engine.domain.steps import Step


class Check(Context):
    """A question, and what the sheet says: labels with texts. `asks` is false where the sheet cannot answer."""

    text: str
    found: tuple[tuple[str, str], ...]
    asks: bool


WITHOUT_A_DATE = (N_("Does the target have a number?"), ("metrics.target", "metrics.due"))
"""Asked instead where the short form is enough, which does not ask by when; a date that was given is shown."""
SCOPE = "scope"
"""The scope and the owner, which stand in no sheet."""

Question = tuple[str, tuple[str, ...]]
"""What is asked, and the places of the sheet that answer it."""

CHECKS: Mapping[Step, tuple[Question, ...]] = {
    Step.IMAGINE: (
        (N_("Is it the citizen's view, not the office's?"), ("ideal_statement", "beneficiaries", "user_evidence")),
        (N_("Is the ideal more than “digitise the form”?"), ("challenged_assumptions.text",)),
        (N_("Is the baseline measured, not guessed?"), ("metrics.baseline", "metrics.method", "metrics.measured_on")),
        (N_("Does the target have a number and a date?"), ("metrics.target", "metrics.due")),
        (
            N_("Are people thought of who may be left behind?"),
            ("left_behind.groups", "left_behind.offline_route", "left_behind.support"),
        ),
        (N_("Is there a similar case already, and what does it teach?"), ()),
        (N_("Are scope and owner right?"), (SCOPE,)),
    ),
    Step.TRANSFORM: (
        (N_("Was the work changed before it was digitised?"), ("changes.kind", "changes.what")),
        (N_("Was it tried with real people?"), ("trials.place", "trials.participants", "trials.learned")),
        (
            N_("Have security, privacy and accessibility passed?"),
            ("checks.security", "checks.privacy", "checks.accessibility"),
        ),
        (N_("Is the cost within authority?"), ("cost_initial_yen", "cost_running_yen")),
        (N_("Does the way without a computer work?"), ("imagine.left_behind.offline_route",)),
        (N_("Can it be undone?"), ("rollback",)),
    ),
    Step.REALISE: (
        (
            N_("Same unit, method and season as the baseline?"),
            ("results.same_method", "results.note", "observation_days"),
        ),
        (N_("Is the effect more than chance?"), ("results.value", "results.n")),
        (N_("Do users feel it, beyond the count?"), ("voices.text", "satisfaction.who", "satisfaction.score")),
        (N_("Is bad news reported too?"), ("side_effects", "complaints")),
        (N_("Approval says: this result is true – not: it succeeded."), ("verdict", "cause")),
    ),
    Step.SHARE: (
        (N_("Could a stranger repeat it?"), ("core_elements", "case.conditions_to_copy", "lessons_failed")),
        (N_("Is personal data removed and the public level right?"), ("public_level", "audience")),
        (
            N_("Is the next scope larger, and does its owner accept?"),
            ("next.kind", "next.org_scope", "next.work_scope", "next.owner"),
        ),
        (N_("Does the receiving head agree?"), ("next.org_unit", "next.reason")),
    ),
}


def checks_of(state: CycleState, visit: MemberVisit) -> tuple[Check, ...]:
    """The questions at the gate of the cycle's step, each with what was handed in for it."""
    known = _known(state, state.step, visit)
    if state.step is not Step.IMAGINE:
        before = _known(state, Step.IMAGINE, visit)
        known |= {f"imagine.{place}": found for place, found in before.items()}
    return tuple(
        Check(
            text=visit.say(text),
            found=_scope(state, visit)
            if SCOPE in places
            else tuple(
                (one.label, ", ".join(said))
                for place in places
                for one in known.get(place, ())
                if (said := texts_of(one))
            ),
            asks=bool(places),
        )
        for text, places in _asked(state, visit)
    )


def _asked(state: CycleState, visit: MemberVisit) -> Iterator[Question]:
    """The gate's questions; nobody is asked for what the form did not ask the owner for."""
    light = visit.caller.facts.policy.profile(state.org_scope) is Profile.LIGHT
    for text, places in CHECKS[state.step]:
        yield WITHOUT_A_DATE if light and "metrics.due" in places else (text, places)


def _scope(state: CycleState, visit: MemberVisit) -> tuple[tuple[str, str], ...]:
    facts, language = visit.caller.facts, visit.language
    owner = someone(state.owner, facts, language)
    scope = f"{name_of(state.org_scope, language)} · {name_of(state.work_scope, language)}"
    where = unit_name(state.org_unit, facts, language)
    return (visit.say("Scope"), f"{scope} ({where})"), (visit.say("Owner"), f"{owner.name} {owner.post}".strip())


def _known(state: CycleState, step: Step, visit: MemberVisit) -> dict[str, list[FormField]]:
    """The step's controls by their place."""
    deliverable = state.deliverables.of(step)
    values = deliverable.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    choices = choices_of(state, step, visit.caller.facts, visit.language)
    asking = Asking(step=step.value, language=visit.language, profile=Profile.LIGHT, choices=choices)
    found: dict[str, list[FormField]] = {}
    for place, one in _flat(fields(type(deliverable), values, asking)):
        found.setdefault(place, []).append(one)
    return found


def _flat(found: tuple[FormField, ...]) -> Iterator[tuple[str, FormField]]:
    """Every control with its place, rows without their numbers."""
    for one in found:
        yield ".".join(part for part in one.name.split(".") if not part.isdecimal()), one
        yield from _flat(one.parts)
        for row in one.rows:
            yield from _flat(row)
