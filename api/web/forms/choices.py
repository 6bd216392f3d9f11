"""What a sheet's texts may name: metrics, units and people, as a reader knows them."""

from collections.abc import Iterator

from api.web.format.gettext import name_of
from api.web.forms.model_form import Options
from api.web.frame.people import someone, unit_name
from engine.domain.cycle.state import CycleState
from engine.domain.review.facts import Facts
from engine.domain.steps import Step
from engine.language.catalogues import Language

MOST_PEOPLE = 80
"""People offered as the next owner; whoever else it is can be named through the API."""


def choices_of(state: CycleState, step: Step, facts: Facts, language: Language) -> dict[str, Options]:
    """Options by path without numbers, for a step's form and for reading its sheet."""
    match step:
        case Step.REALISE:
            return {"results.metric": tuple(_metrics(state))}
        case Step.SHARE:
            organisation = facts.organisation
            own = organisation.unit(state.org_unit)
            above = ((own,) if own else ()) + organisation.ancestors(state.org_unit)
            units = tuple(
                (one.code, f"{unit_name(one.code, facts, language)} ({name_of(one.level, language)})")
                for one in above
            )
            return {
                "next.org_unit": units,
                "next.owner": _people(state, [one.code for one in above], facts, language),
            }
        case Step.IMAGINE | Step.TRANSFORM:
            return {}


def _metrics(state: CycleState) -> Iterator[tuple[str, str]]:
    """Each metric with where it stood and where it should go, so that the result is written beside it."""
    for one in state.deliverables.imagine.metrics:
        way = f": {one.baseline:g} → {one.target:g}" if one.baseline is not None and one.target is not None else ""
        yield one.code or "", f"{one.name} ({one.unit}){way}"


def _people(state: CycleState, units: list[str], facts: Facts, language: Language) -> Options:
    """Who works in these units today, nearest first, with whoever is named already."""
    posts = [one for unit in units for one in facts.organisation.posts if one.unit_code == unit]
    here = [one.person_id for one in posts if one.holds_on(facts.today)][:MOST_PEOPLE]
    named = [one.owner for one in state.deliverables.share.next if one.owner]
    people = [someone(one, facts, language) for one in dict.fromkeys((state.owner, *named, *here))]
    return tuple((one.person_id, f"{one.name} {one.post}".strip()) for one in people)
