"""A cycle as one person sees it today."""

from collections.abc import Callable
from functools import partial

from api.auth import Caller
from api.container import Desk
from api.schemas.cycle import CycleView, cycle_view
from engine.domain.cycle.state import CycleState
from engine.domain.moves.allowed import Move
from engine.store.queries.cycles import Lineage


def moves_of(caller: Caller, desk: Desk) -> Callable[[CycleState], tuple[Move, ...]]:
    """What this person may do with a cycle now."""
    return partial(_moves, caller=caller, desk=desk)


def seen_by(caller: Caller, lineage: Lineage, desk: Desk) -> CycleView:
    """The cycle with what this person may do with it."""
    return cycle_view(lineage, caller.facts, _moves(lineage.state, caller, desk))


def no_moves(_: CycleState) -> tuple[Move, ...]:
    """For who shows none."""
    return ()


def _moves(state: CycleState, caller: Caller, desk: Desk) -> tuple[Move, ...]:
    return desk.directory.allowed(state, caller.id, caller.facts)
