"""What lies with somebody beside their decisions, and how long posts usually take."""

from collections.abc import Sequence

from api.auth import Caller
from api.container import Desk
from api.schemas.route import RouteView, route_view
from engine.contracts.lists import ToRead
from engine.domain.cycle.state import CycleState
from engine.store.projections import reading_list
from engine.store.queries.decision_times import History


def to_read(caller: Caller, desk: Desk) -> Sequence[ToRead]:
    """What the caller is to read, to answer or to chase."""
    return reading_list.to_read(desk.database, caller.id, caller.facts)


def route_of(state: CycleState, caller: Caller, desk: Desk) -> RouteView:
    """The route of a cycle as it stands or would stand, with how long each post usually takes.

    Raises:
        DomainError: nobody could decide it.
    """
    usual, targets = History(desk.database).usual, desk.directory.targets(state)
    return route_view(state, caller.facts, desk.directory.now(), targets, usual, caller.language)
