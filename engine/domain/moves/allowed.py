"""What may this person do with this cycle now? Pages, `CycleView.actions` and the command line ask here.

No rule stands here. Each move that the table knows as possible in the cycle's state is tried on the pure core with a
body that lacks nothing, and is allowed unless `decide` refuses it as forbidden, in conflict with how things are, or
about something that is not there. What is only wrong with a form that is not filled in yet refuses nothing: whoever
may hand in may try to.
"""

from collections.abc import Sequence
from datetime import datetime

from engine.domain.cycle import commands as c
from engine.domain.cycle.state import CycleState
from engine.domain.errors import Category, DomainError
from engine.domain.lineage.join import JoinTarget
from engine.domain.moves.catalogue import HANDLERS, is_possible
from engine.domain.moves.dispatch import decide
from engine.domain.moves.handler import WORDS, Grown, Situation
from engine.domain.moves.prepare import prepared
from engine.domain.moves.table.moves import Move
from engine.domain.moves.table.named_states import named_state
from engine.domain.review.facts import Facts
from engine.domain.review.review import Action

__all__ = ["DECISIONS", "NOTHING", "REFUSED", "Grown", "Move", "allowed"]
NOTHING: Grown = ((), None)
REFUSED = frozenset({Category.FORBIDDEN, Category.CONFLICT, Category.NOT_FOUND})
DECISIONS = frozenset(Move(action.value) for action in Action)
"""The moves of whoever the route asks."""


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
    here, situation = named_state(state), Situation(state, facts, at, grown)
    found = {
        move
        for handler in HANDLERS
        for move, body in handler.tries(situation)
        if is_possible(move, here)
        and _is_open(c.Command(id=WORDS, actor=person, body=body), state, facts, at, targets)
    }
    if found & DECISIONS:  # who has it anyway pulls nothing up
        found.discard(Move.PULL_UP)
    return tuple(move for move in Move if move in found)


def _is_open(
    command: c.Command, state: CycleState, facts: Facts, at: datetime, targets: Sequence[JoinTarget]
) -> bool:
    try:
        if isinstance(command.body, c.Submit) and (refused := _before_the_route(command, state, at)) is not None:
            return refused
        decide(state, prepared(command, state, facts, targets), at)
    except DomainError as error:
        return error.refusal.category not in REFUSED
    return True


def _before_the_route(command: c.Command, state: CycleState, at: datetime) -> bool | None:
    """False when handing in is refused whatever the route is, which takes long to find; None when it matters."""
    try:
        decide(state, command, at)
    except DomainError as error:
        return None if error.refusal.code == "no_decider" else error.refusal.category not in REFUSED
    return True
