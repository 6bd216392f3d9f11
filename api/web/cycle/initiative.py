"""One initiative as a whole: its spiral drawn, the same in words, its time at scale, and what it has brought."""

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.responses import Response

from api.schemas.cycle import RingView, initiative_view
from api.services.cycles.lineage import lives_of, whole_spiral
from api.web.format.gettext import name_of
from api.web.frame.page import CSP, Context, Member, MemberVisit, environment, number, pages_router
from api.web.frame.people import unit_name
from api.web.spiral import colours
from api.web.spiral.layout import drawn
from api.web.spiral.model import Drawing
from api.web.spiral.rings import rings_of
from api.web.spiral.timeline import Life, Timeline, timeline
from engine.domain.analytics.timeline import Stretch
from engine.domain.cycle.state import CycleState
from engine.domain.roadmap import Pillar
from engine.domain.steps import CycleKind, CycleStatus

router = pages_router()


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
    found = whole_spiral(initiative, visit.caller, desk)
    now, lineages = datetime.now(UTC), found.cycles.lineages
    whole = initiative_view(initiative, found.cycles, facts, {}, found.account)
    lives = lives_of(found.cycles, now, desk)
    return InitiativeContext(
        initiative_id=initiative,
        title=whole.title,
        pillar=whole.pillar,
        startup=whole.startup,
        hours=whole.hours_saved_per_year,
        drawing=drawn(rings_of(found.headings, found.edges, initiative, now)),
        others=len({one.initiative_id for one in found.headings}) - 1,
        hidden=whole.hidden,
        complete=found.complete,
        turns=tuple(_turn(one, visit) for one in whole.cycles),
        timeline=timeline([_life(one.state, lives, visit) for one in lineages], desk.settings.zone),
    )


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


def _life(state: CycleState, lives: Mapping[str, tuple[Stretch, ...]], visit: MemberVisit) -> Life:
    name = f"{visit.say('Turn %(number)s', number=state.turn)} {name_of(state.org_scope, visit.language)}"
    return Life(cycle_id=state.cycle_id, name=name, stretches=lives[state.cycle_id])
