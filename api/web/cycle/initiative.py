"""One initiative as a whole: its spiral drawn, the same in words, its time at scale, and what it has brought."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from starlette.responses import Response

from api.schemas.cycle import RingView, initiative_view
from api.services.cycles.cycles import no_moves, spiral_there
from api.services.cycles.reading import events_of
from api.web.format.gettext import name_of
from api.web.frame.page import CSP, Context, Member, MemberVisit, environment, number, pages_router
from api.web.frame.people import unit_name
from api.web.spiral import colours
from api.web.spiral.layout import drawn
from api.web.spiral.model import Drawing
from api.web.spiral.rings import rings_of
from api.web.spiral.timeline import Life, Timeline, timeline
from engine.domain.analytics.timeline import stretches
from engine.domain.cycle.state import CycleState
from engine.domain.lineage.edges import Edge
from engine.domain.roadmap import Pillar
from engine.domain.steps import CycleKind, CycleStatus

router = pages_router()
MOST_EVENTS = 5000
"""Events of one cycle that its time line is made from."""


class Turn(Context):
    """One cycle of the initiative, as a line of its table."""

    cycle_id: str
    turn: int
    kind: CycleKind
    status: CycleStatus
    unit: str
    owner: str
    hours: float | None
    adds: float | None


class InitiativeContext(Context):
    """The initiative; `others` says how many of the drawn spirals belong to other initiatives."""

    initiative_id: str
    title: str
    pillar: Pillar | None
    startup: str | None
    hours: float | None
    drawing: Drawing
    others: int
    hidden: int
    complete: bool
    turns: tuple[Turn, ...]
    timeline: Timeline
    colours: object = colours


@router.get("/initiatives/{initiative}")
def shown(initiative: str, visit: Member) -> Response:
    """The spiral."""
    return visit.page("initiative.html", _context(initiative, visit))


@router.get("/initiatives/{initiative}/spiral.svg")
def image(initiative: str, visit: Member) -> Response:
    """The spiral alone, to print or to put into a report."""
    context = _context(initiative, visit)
    found = environment(visit.language).get_template("spiral/alone.svg")
    base = str(visit.request.base_url).rstrip("/")
    text = found.render(
        drawing=context.drawing, colours=colours, title=context.title, base=base, about=_about(context, visit)
    )
    headers = {
        "Content-Disposition": f'inline; filename="spiral-{context.initiative_id}.svg"',
        "Cache-Control": "no-store",
    }
    return Response(text, media_type="image/svg+xml", headers=headers | {"Content-Security-Policy": CSP})


def _context(initiative: str, visit: MemberVisit) -> InitiativeContext:
    desk, facts = visit.desk, visit.caller.facts
    spiral = spiral_there(initiative, visit.caller, desk)
    now = datetime.now(UTC)
    connected = desk.account.connected(initiative)
    states = desk.reader.states(connected.cycles, visit.caller.clearance)
    account = desk.account.bookings_of([initiative], facts.policy.utc_offset_minutes)
    whole = initiative_view(initiative, spiral, facts, no_moves, account)
    return InitiativeContext(
        initiative_id=initiative,
        title=whole.title,
        pillar=whole.pillar,
        startup=whole.startup,
        hours=whole.hours_saved_per_year,
        drawing=drawn(rings_of(states, _between(states, connected.edges), initiative, now)),
        others=len({one.initiative_id for one in states}) - 1,
        hidden=whole.hidden,
        complete=connected.complete,
        turns=tuple(_turn(one, visit) for one in whole.cycles),
        timeline=timeline([_life(one.state, visit, now) for one in spiral.lineages], desk.settings.zone),
    )


def _between(states: Sequence[CycleState], edges: Iterable[Edge]) -> list[Edge]:
    """The edges of which both ends are drawn."""
    shown = {one.cycle_id for one in states}
    return [one for one in edges if {one.parent, one.child} <= shown]


def _about(context: InitiativeContext, visit: MemberVisit) -> str:
    """The line under the title of the picture that stands alone: what it brought, and of which day it is."""
    hours, say = context.hours, visit.say
    if hours is None:
        brought = say("effect not measured yet")
    elif hours < 0:
        brought = say("%(hours)s hours more a year than before", hours=number(-hours, 0))
    else:
        brought = say("%(hours)s hours saved a year", hours=number(hours, 0))
    return f"{brought} · {say('as of %(day)s', day=visit.days.long(visit.caller.facts.today))}"


def _turn(ring: RingView, visit: MemberVisit) -> Turn:
    cycle, facts = ring.cycle, visit.caller.facts
    person = facts.organisation.person(cycle.owner)
    return Turn(
        cycle_id=cycle.id,
        turn=cycle.turn,
        kind=cycle.kind,
        status=cycle.status,
        unit=unit_name(cycle.org_unit, facts, visit.language),
        owner=person.name if person else cycle.owner,
        hours=cycle.effects.hours_saved_per_year,
        adds=ring.hours_saved_per_year_increment,
    )


def _life(state: CycleState, visit: MemberVisit, now: datetime) -> Life:
    events = events_of(state.cycle_id, MOST_EVENTS, visit.desk)
    name = f"{visit.say('Turn %(number)s', number=state.turn)} {name_of(state.org_scope, visit.language)}"
    return Life(cycle_id=state.cycle_id, name=name, stretches=stretches(events, now))
