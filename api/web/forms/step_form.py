"""The form of a cycle's current step: its choices, its sections, what is still needed, what was computed."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.services.cycles.drafts import read_deliverable
from api.web.forms.choices import choices_of
from api.web.forms.model_form import Asking, FormField, fields, read
from api.web.frame.page import Context, MemberVisit
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables import Deliverable, Deliverables
from engine.domain.deliverables.personal_data import PersonalData, places
from engine.domain.deliverables.required import Profile
from engine.domain.effects.measured import measured
from engine.domain.errors import DomainError, FieldError
from engine.domain.moves.completeness import submission_errors
from engine.domain.review.facts import Facts
from engine.domain.review.review import Terms
from engine.domain.routing.route_builder import route_for
from engine.domain.steps import Step
from engine.language.catalogues import Language
from engine.language.enums import word
from engine.language.fields import label
from engine.language.refusals import sentence

COLUMNS = "metrics", "results"


class Lack(Context):
    """One thing a submission still lacks, and the control it belongs to."""

    control: str
    label: str
    message: str


class StepForm(Context):
    """The controls: `needed` always shown, `more` optional under the profile; `personal` warns, and stops nothing."""

    needed: tuple[FormField, ...]
    more: tuple[FormField, ...]
    lacks: tuple[Lack, ...]
    personal: tuple[Lack, ...]
    profile: Profile
    hours: float | None
    as_is_minutes: float | None


def terms_of(state: CycleState, facts: Facts) -> Terms | None:
    """What the policy asks today; None while nobody could decide."""
    try:
        return route_for(state, facts.policy, facts.organisation, facts.today, facts.closed_days).terms
    except DomainError:
        return None


def step_form(
    state: CycleState,
    visit: MemberVisit,
    given: Mapping[str, Any] | None = None,
    errors: Sequence[FieldError] = (),
    more: frozenset[str] = frozenset(),
) -> StepForm:
    """The form as the owner sees it: with what is saved, or with what they just typed and its errors."""
    facts, language = visit.caller.facts, visit.language
    terms = terms_of(state, facts)
    profile = terms.profile if terms else Profile.LIGHT
    saved = state.deliverables.of(state.step)
    values = dict(given) if given is not None else saved.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if state.step is Step.REALISE and not values.get("results"):
        values["results"] = [{"metric": one.code} for one in state.deliverables.imagine.metrics]
    asking = Asking(
        step=state.step.value,
        language=language,
        profile=profile,
        errors={one.pointer: sentence(one.code, language, one.params) for one in errors},
        more=more,
        choices=choices_of(state, state.step, facts, language),
    )
    made = fields(type(saved), values, asking)
    wrong = {one.pointer for one in errors}
    lacking = submission_errors(state, terms, facts.today) if terms else ()
    found = (*errors, *(one for one in lacking if one.pointer not in wrong))
    as_is = state.deliverables.imagine.as_is
    return StepForm(
        needed=tuple(one for one in made if one.required or values.get(one.name) or one.error),
        more=tuple(one for one in made if not (one.required or values.get(one.name) or one.error)),
        lacks=tuple(lack(one, state.step, language) for one in found),
        personal=tuple(_warning(at, kind, state.step, language) for at, kind in places(saved)),
        profile=profile,
        hours=hours_of(state, facts),
        as_is_minutes=as_is.minutes_per_case if as_is else None,
    )


def lack(error: FieldError, step: Step, language: Language) -> Lack:
    """An error as a line with a link to its control."""
    control = error.pointer.removeprefix("/").replace("/", ".")
    return Lack(
        control=control,
        label=label(f"{step.value}.{control}", language),
        message=sentence(error.code, language, error.params),
    )


def _warning(pointer: str, kind: PersonalData, step: Step, language: Language) -> Lack:
    control = pointer.removeprefix("/").replace("/", ".")
    return Lack(control=control, label=label(f"{step.value}.{control}", language), message=word(kind, language))


def hours_of(state: CycleState, facts: Facts) -> float | None:
    """Hours saved a year, as the draft's numbers would have it."""
    terms = terms_of(state, facts)
    rate = terms.hourly_rate_yen if terms else None
    done = state.deliverables
    return measured(done.imagine, done.transform, done.realise, rate).hours_saved_per_year


def deliverable_of(state: CycleState, form: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], Deliverable]:
    """What the form says, as plain JSON and as the step's model.

    Raises:
        DomainError: `invalid_fields` with pointers.
    """
    model = Deliverables.MODELS[state.step]
    given = read(model, form)
    for index, metric in enumerate(given.get("metrics", [])):
        metric.setdefault("code", f"m{index + 1}")
    return given, read_deliverable(state.step, given)
