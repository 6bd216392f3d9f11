"""What may this person do with this cycle now? Pages, `CycleView.actions` and the command line ask here.

No rule stands here. Each move that the table knows as possible in the cycle's state is tried on the pure core with a
body that lacks nothing, as far as the first thing that would happen, and is allowed unless its rule refuses it as
forbidden, in conflict with how things are, or about something that is not there. What is only wrong with a form that
is not filled in yet refuses nothing: whoever may hand in may try to.
"""

from collections.abc import Sequence
from datetime import datetime

from engine.domain.cycle import commands as c
from engine.domain.cycle.state import CycleState
from engine.domain.errors import Category, DomainError
from engine.domain.lineage.join import JoinTarget
from engine.domain.moves.catalogue import possible_in
from engine.domain.moves.dispatch import refusal_of
from engine.domain.moves.handler import Grown, Situation, World
from engine.domain.moves.prepare import looked_up
from engine.domain.moves.table.moves import Move
from engine.domain.moves.table.named_states import named_state
from engine.domain.review.facts import Facts
from engine.domain.review.review import Action

__all__ = ["DECISIONS", "NOTHING", "REFUSED", "Grown", "Move", "allowed"]
NOTHING: Grown = ((), None)
REFUSED = frozenset({Category.FORBIDDEN, Category.CONFLICT, Category.NOT_FOUND})
DECISIONS = frozenset(Move(action.value) for action in Action)
"""The moves of whoever the route asks."""
_PLACE = {move: place for place, move in enumerate(Move)}


def allowed(  # noqa: PLR0913 - who, what, when, and what else is known
    state: CycleState,
    person: str,
    facts: Facts,
    at: datetime,
    *,
    targets: Sequence[JoinTarget] = (),
    grown: Grown = NOTHING,
) -> tuple[Move, ...]:
    """The moves that are open to a person, in the order of `Move`.

    Args:
        state: the cycle.
        person: who asks.
        facts: of today.
        at: now.
        targets: the cycles that the Share in `state` wants to join.
        grown: what has grown from the cycle's last decision.
    """
    situation, world = Situation(state, facts, at, grown), World(person, state, facts, targets)
    found: set[Move] = set()
    for handler, possible in possible_in(named_state(state)):
        for move, body in handler.tries(situation):
            has_it_anyway = move is Move.PULL_UP and not found.isdisjoint(DECISIONS)
            # one thing that a move can be about is enough
            if move in possible and move not in found and not has_it_anyway and _is_open(body, world, at):
                found.add(move)
    if not found.isdisjoint(DECISIONS):  # who has it anyway pulls nothing up
        found.discard(Move.PULL_UP)
    return tuple(sorted(found, key=_PLACE.__getitem__))


def _is_open(body: c.Body, world: World, at: datetime) -> bool:
    if isinstance(body, c.Submit) and (refused := _before_the_route(body, world, at)) is not None:
        return refused
    try:
        refusal = refusal_of(world.state, world.actor, looked_up(body, world), at)
    except DomainError as error:
        refusal = error.refusal
    return refusal is None or refusal.category not in REFUSED


def _before_the_route(body: c.Body, world: World, at: datetime) -> bool | None:
    """False when handing in is refused whatever the route is, which takes long to find; None when it matters."""
    refusal = refusal_of(world.state, world.actor, body, at)
    if refusal is not None and refusal.code == "no_decider":
        return None
    return refusal is None or refusal.category not in REFUSED
