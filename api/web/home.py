"""My work: an owner's cycles, whose turn it is, who has it and since when."""

from datetime import datetime

from starlette.responses import Response

from api.views import waiting_for
from api.web.people import Someone, someone, unit_name
from api.web.site import Context, Member, MemberVisit, pages_router
from engine.domain.state import CycleState
from engine.domain.steps import CycleKind, CycleStatus, Step, StepStatus
from engine.store.readers import CycleFilter

router = pages_router()
SHOWN = 100
"""Cycles of one owner on the page, the newest first."""


class Mine(Context):
    """One of my cycles as a card."""

    cycle_id: str
    title: str
    turn: int
    kind: CycleKind
    unit: str
    step: Step
    step_status: StepStatus
    status: CycleStatus
    turn_of: str
    who: tuple[Someone, ...]
    since: datetime
    due_at: datetime | None
    hours: float | None
    conditions: int


class HomeContext(Context):
    """The owner's desk: `mine` wait for me, `others` for somebody else, `ended` are over."""

    mine: tuple[Mine, ...]
    others: tuple[Mine, ...]
    ended: tuple[Mine, ...]


@router.get("/")
def home(visit: Member) -> Response:
    """My work."""
    found = visit.desk.reader.cycles(CycleFilter(owner=visit.caller.id), SHOWN)
    cards = [card(one.state, visit) for one in found]
    return visit.page(
        "home.html",
        HomeContext(
            mine=tuple(one for one in cards if one.turn_of == "owner"),
            others=tuple(one for one in cards if one.status.is_open and one.turn_of != "owner"),
            ended=tuple(one for one in cards if not one.status.is_open),
        ),
    )


def card(state: CycleState, visit: MemberVisit) -> Mine:
    """A cycle as its owner sees it on their desk."""
    facts, language = visit.caller.facts, visit.language
    waiting = waiting_for(state, facts)
    return Mine(
        cycle_id=state.cycle_id,
        title=state.title,
        turn=state.turn,
        kind=state.kind,
        unit=unit_name(state.org_unit, facts, language),
        step=state.step,
        step_status=state.step_status,
        status=state.status,
        turn_of=waiting.kind,
        who=tuple(someone(one, facts, language) for one in waiting.people),
        since=waiting.since,
        due_at=waiting.due_at,
        hours=state.effects.hours_saved_per_year,
        conditions=len(state.open_conditions()),
    )
