"""Versions of a cycle as pages: every submission with its hash and outcome, and two of them side by side."""

from collections.abc import Mapping

from starlette.responses import Response

from api.web.cycle import there
from api.web.differences import Difference, differences
from api.web.people import Someone, someone
from api.web.site import Context, Member, MemberVisit, pages_router
from api.web.words import N_
from engine.domain.state import CycleState
from engine.domain.versions import Outcome, Version, version, versions

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


class VersionsContext(Context):
    """Every submission, the newest first."""

    state: CycleState
    found: tuple[HandedIn, ...]


class ComparedContext(Context):
    """Two submissions side by side."""

    state: CycleState
    a: HandedIn
    b: HandedIn
    changes: tuple[Difference, ...]


@router.get("/cycles/{cycle}/versions")
def listed(visit: Member, cycle: str) -> Response:
    """Every submission, with what became of it."""
    state = there(visit, cycle).state
    found = versions(visit.desk.journal.events(cycle))
    made = tuple(_handed_in(one, found, visit) for one in reversed(found))
    return visit.page("versions.html", VersionsContext(state=state, found=made))


@router.get("/cycles/{cycle}/versions/{a}/{b}")
def compared(visit: Member, cycle: str, a: int, b: int) -> Response:
    """What changed between two submissions of one step."""
    state = there(visit, cycle).state
    found = versions(visit.desk.journal.events(cycle))
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
