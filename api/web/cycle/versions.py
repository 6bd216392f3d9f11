"""Versions of a cycle as pages: every submission with its hash and outcome, and two of them side by side."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.services.cycles.versions import submissions
from api.web.cycle.differences import ChangedPlace, differences
from api.web.cycle.page import Decided, decided, there
from api.web.cycle.sheet import SheetSection, section_of
from api.web.format.gettext import N_
from api.web.frame.page import Context, Member, MemberVisit, pages_router
from api.web.frame.people import Someone, someone
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.versions import Outcome, Version, version
from engine.domain.errors import not_found
from engine.domain.steps import ORDER, Step

router = pages_router()

OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    Outcome.IN_REVIEW: (N_("in review"), "wait"),
    Outcome.APPROVED: (N_("approved"), "done"),
    Outcome.APPROVED_WITH_CONDITIONS: (N_("approved with conditions"), "done"),
    Outcome.RETURNED: (N_("returned"), "stop"),
    Outcome.REJECTED: (N_("rejected"), "stop"),
    Outcome.PULLED_BACK: (N_("pulled back"), "calm"),
    Outcome.WITHDRAWN: (N_("withdrawn"), "calm"),
}
"""What became of a submission, and the tone of its badge."""


class HandedIn(Context):
    """A submission with names; `earlier` is the one of the same step before it."""

    version: Version
    by: Someone
    outcome: str
    tone: str
    outcome_by: str | None
    earlier: int | None


class Comparable(Context):
    """A step that was submitted more than once, and its submissions, the oldest first."""

    step: Step
    found: tuple[HandedIn, ...]


class VersionsContext(Context):
    """Every submission, the newest first."""

    state: CycleState
    found: tuple[HandedIn, ...]
    comparable: tuple[Comparable, ...]


class VersionContext(Context):
    """One submission as it was handed in, with what was decided about it."""

    state: CycleState
    one: HandedIn
    section: SheetSection
    files: tuple[str, ...]
    decisions: tuple[Decided, ...]


class ComparedContext(Context):
    """Two submissions side by side."""

    state: CycleState
    a: HandedIn
    b: HandedIn
    changes: tuple[ChangedPlace, ...]


@router.get("/cycles/{cycle}/versions")
def listed(visit: Member, cycle: str) -> Response:
    """Every submission, with what became of it."""
    state = there(visit, cycle).state
    found = submissions(state, visit.desk)
    made = tuple(_handed_in(one, found, visit) for one in reversed(found))
    return visit.page("versions.html", VersionsContext(state=state, found=made, comparable=_comparable(made)))


@router.get("/cycles/{cycle}/versions/compare")
def chosen(
    visit: Member, cycle: str, a: Annotated[int, Query(ge=1, le=9999)], b: Annotated[int, Query(ge=1, le=9999)]
) -> Response:
    """Two versions chosen in a form."""
    return compared(visit, cycle, a, b)


@router.get("/cycles/{cycle}/versions/{n}")
def alone(visit: Member, cycle: str, n: int) -> Response:
    """One version, as it was handed in."""
    state = there(visit, cycle).state
    found = submissions(state, visit.desk)
    one = version(found, n)
    return visit.page(
        "version.html",
        VersionContext(
            state=state,
            one=_handed_in(one, found, visit),
            section=section_of(state, one.step, one.deliverable, visit),
            files=tuple(file.name for file in one.attachments),
            decisions=tuple(
                decided(each, visit)
                for each in sorted((*state.decisions, *state.retracted), key=lambda each: each.at)
                if (each.step, each.round) == (one.step, one.round)
            ),
        ),
    )


@router.get("/cycles/{cycle}/rounds/{step}/{number}")
def of_round(visit: Member, cycle: str, step: Step, number: int) -> Response:
    """On to the version that a round was about: what was decided is what stood there."""
    found = submissions(there(visit, cycle).state, visit.desk)
    one = next((each for each in reversed(found) if (each.step, each.round) == (step, number)), None)
    if one is None:
        raise not_found("unknown_version", n=str(number), last=str(len(found)))
    return visit.to(f"/cycles/{cycle}/versions/{one.n}")


@router.get("/cycles/{cycle}/versions/{a}/{b}")
def compared(visit: Member, cycle: str, a: int, b: int) -> Response:
    """What changed between two submissions of one step."""
    state = there(visit, cycle).state
    found = submissions(state, visit.desk)
    changes = differences(found, a, b, visit)
    one, other = (_handed_in(version(found, n), found, visit) for n in (a, b))
    return visit.page("compared.html", ComparedContext(state=state, a=one, b=other, changes=changes))


def _handed_in(one: Version, found: tuple[Version, ...], visit: MemberVisit) -> HandedIn:
    facts, language = visit.caller.facts, visit.language
    text, tone = OUTCOMES[one.outcome]
    return HandedIn(
        version=one,
        by=someone(one.by, facts, language),
        outcome=visit.say(text),
        tone=tone,
        outcome_by=someone(one.outcome_by, facts, language).name if one.outcome_by else None,
        earlier=max((each.n for each in found if each.step is one.step and each.n < one.n), default=None),
    )


def _comparable(made: Sequence[HandedIn]) -> tuple[Comparable, ...]:
    steps = ((step, tuple(one for one in reversed(made) if one.version.step is step)) for step in ORDER)
    return tuple(Comparable(step=step, found=found) for step, found in steps if len(found) > 1)
