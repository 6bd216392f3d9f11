"""Moving a running cycle to another startup: when an edition renames, splits or drops the one it began under."""

from engine.domain.cycle.events import StartupAssigned
from engine.domain.cycle.recorder import Record
from engine.domain.errors import conflict, forbidden, invalid_at
from engine.domain.roadmap import Edition, RoadmapPlace


def place_in(edition: Edition | None, startup: str) -> RoadmapPlace | None:
    """The startup's place in the edition; None when it is not there."""
    found = edition.startup(startup) if edition else None
    return RoadmapPlace(startup=found.code, governance=found.governance, pillar=found.pillar) if found else None


def assign(record: Record, startup: str, place: RoadmapPlace | None, *, steers: bool) -> None:
    """Moves the cycle; `steers`: the actor is in the DX team or an administrator today."""
    state = record.state
    if record.actor != state.owner and not steers:
        raise forbidden("not_yours_to_assign", owner=state.owner)
    if place is None:
        raise invalid_at("/startup", "unknown_startup", startup=startup)
    if place.startup == state.startup:
        raise conflict("startup_is_the_same", startup=startup)
    record.add(
        StartupAssigned(
            startup=place.startup,
            before=state.startup,
            governance=place.governance,
            pillar=place.pillar or state.pillar,
        )
    )
