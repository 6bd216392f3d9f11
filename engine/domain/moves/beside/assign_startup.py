"""Moving a running cycle to another startup: when an edition renames, splits or drops the one it began under."""

from collections.abc import Iterable

from engine.domain.cycle import commands as c
from engine.domain.cycle.beside import StartupAssigned
from engine.domain.cycle.recorder import Record
from engine.domain.errors import conflict, forbidden, invalid_at
from engine.domain.moves.handler import Handler, Situation, Try, World
from engine.domain.moves.table.cells import TableRow, across, cell, done
from engine.domain.moves.table.moves import Move
from engine.domain.organisation.organisation import Duty
from engine.domain.roadmap import RoadmapPlace


def assign(record: Record, body: c.AssignStartup) -> None:
    """Moves the cycle, for its owner, the DX team or an administrator."""
    state, place = record.state, body.place
    if record.actor != state.owner and not body.steers:
        raise forbidden("not_yours_to_assign", owner=state.owner)
    if place is None:
        raise invalid_at("/startup", "unknown_startup", startup=body.startup)
    if place.startup == state.startup:
        raise conflict("startup_is_the_same", startup=body.startup)
    record.add(
        StartupAssigned(
            startup=place.startup,
            before=state.startup,
            governance=place.governance,
            pillar=place.pillar or state.pillar,
        )
    )


def _look_up(body: c.AssignStartup, world: World) -> dict[str, object]:
    facts = world.facts
    duties = facts.organisation.duties_of(world.actor, facts.today)
    found = facts.edition.startup(body.startup) if facts.edition else None
    place = RoadmapPlace(startup=found.code, governance=found.governance, pillar=found.pillar) if found else None
    return {"place": place, "steers": bool({Duty.DX_TEAM, Duty.ADMIN} & duties)}


def _another(situation: Situation) -> Iterable[Try]:
    edition, state = situation.facts.edition, situation.state
    elsewhere = (one for one in edition.startups if one.code != state.startup) if edition else iter(())
    if (other := next(elsewhere, None)) is not None:
        yield Move.ASSIGN_STARTUP, c.AssignStartup(startup=other.code)


_ROW = TableRow("assign_startup", across(cell("not_yours_to_assign", owner=done("startup_assigned"))))
HANDLERS = (Handler(c.AssignStartup, assign, {Move.ASSIGN_STARTUP: _ROW}, _another, _look_up),)
