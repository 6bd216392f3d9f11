"""A case: what a cycle leaves to others (docs/field/sharing.md), made from its approved deliverables.

Failures are in the library too: a result that is worse, and the approved steps of a cycle that was rejected later on.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from engine.domain.base import Frozen
from engine.domain.calendar import fiscal_year, local_date
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables import Deliverables
from engine.domain.deliverables.realise import Verdict
from engine.domain.deliverables.share import PublicLevel
from engine.domain.steps import ORDER, CycleStatus, Step

CITY_OFFSET = 540
"""Minutes east of UTC by which a case's fiscal year is told: Japan's."""


class Standing(StrEnum):
    """Whether the whole circle was gone round, or the cycle was rejected after some steps were approved."""

    SHARED = "shared"
    REJECTED = "rejected"


class CaseFigures(Frozen):
    """What the library filters by, beside the cycle's own fields. Minutes are 分/件, cases 件/年."""

    standing: Standing
    public_level: PublicLevel
    verdict: Verdict | None
    difficulty: str | None
    worse: bool
    minutes_saved_per_case: float | None
    cases_per_year: float | None
    shared_at: datetime
    fiscal_year: int


def standing_of(state: CycleState) -> Standing | None:
    """How the cycle stands in the library; None when it is not there."""
    if state.status is CycleStatus.COMPLETED:
        return Standing.SHARED
    if state.status is CycleStatus.REJECTED and state.step is not Step.IMAGINE:
        return Standing.REJECTED
    return None


def approved(state: CycleState) -> Deliverables:
    """The deliverables of the approved steps only."""
    if state.status is CycleStatus.COMPLETED:
        return state.deliverables
    kept = {step.value: state.deliverables.of(step) for step in ORDER if step.rank < state.step.rank}
    return Deliverables().model_copy(update=kept)


def figures_of(state: CycleState) -> CaseFigures | None:
    """The figures of a case; None when the cycle is not in the library."""
    standing = standing_of(state)
    if standing is None:
        return None
    given = approved(state)
    as_is, actual = given.imagine.as_is, given.realise.actual
    before, after = as_is.minutes_per_case if as_is else None, actual.minutes_per_case if actual else None
    saved = None if before is None or after is None else round(before - after, 6)
    verdict = given.realise.verdict
    at = state.decisions[-1].at if state.decisions else state.updated_at
    return CaseFigures(
        standing=standing,
        public_level=given.share.public_level or PublicLevel.INTERNAL,
        verdict=verdict,
        difficulty=given.transform.difficulty.value if given.transform.difficulty else None,
        worse=verdict is Verdict.WORSE or (saved is not None and saved < 0),
        minutes_saved_per_case=saved,
        cases_per_year=actual.cases_per_year if actual else None,
        shared_at=at,
        fiscal_year=fiscal_year(local_date(at, CITY_OFFSET)),
    )


def texts_of(state: CycleState) -> tuple[str, ...]:
    """What a search looks at, the title first."""
    return (state.title, *(text.strip() for text in _texts(approved(state)) if text and text.strip()))


def _texts(given: Deliverables) -> Iterator[str | None]:
    imagine, transform, realise, share = given.imagine, given.transform, given.realise, given.share
    if share.case is not None:
        case = share.case
        yield from (case.summary, case.before, case.after, case.conditions_to_copy, case.hard_parts)
    yield imagine.ideal_statement
    yield from (one.text for one in imagine.challenged_assumptions)
    yield from imagine.beneficiaries
    yield from (one.name for one in imagine.metrics)
    for change in transform.changes:
        yield from (change.what, change.before, change.after)
    yield from transform.tools
    yield from (trial.learned for trial in transform.trials)
    yield from (voice.text for voice in realise.voices)
    yield from (realise.side_effects, realise.cause, share.lessons_failed, share.audience)
    yield from (*share.core_elements, *share.adaptable_elements, *share.assets)
