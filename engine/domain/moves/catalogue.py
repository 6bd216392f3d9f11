"""Every move: the handlers by their commands, and the table they make together.

The table is of a cycle that one person works on and one head decides, in its third step. What a move may be about is
there: a condition, a question, a file, a reading; one that sleeps has nothing of it yet. What other cycles answer
stands in `otherwise`. A move that is done nowhere in a state is not even tried there.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from engine.domain.cycle import commands as c
from engine.domain.moves.beside import assign_startup, attach, comment, conditions, consult, joining, visibility
from engine.domain.moves.deciding import decide, retract
from engine.domain.moves.drafting import hand_in, rest
from engine.domain.moves.handler import Handler
from engine.domain.moves.table.cells import CLOSED, Arrow, TableRow
from engine.domain.moves.table.moves import Move, Occasion
from engine.domain.moves.table.named_states import ENDED, NamedState
from engine.domain.moves.table.rows import TIME

HANDLERS: tuple[Handler[Any], ...] = tuple(
    one
    for module in (
        hand_in, rest, decide, retract, comment, conditions, consult, attach, assign_startup, visibility, joining,
    )
    for one in module.HANDLERS
)  # fmt: skip
_BY_BODY: Mapping[type, Handler[Any]] = {one.body: one for one in HANDLERS}
_GIVEN: Mapping[Move | Occasion, TableRow] = {move: row for one in HANDLERS for move, row in one.rows.items()}
ROWS: Mapping[Move | Occasion, TableRow] = MappingProxyType(
    {move: _GIVEN[move] for move in (*Move, *Occasion) if move in _GIVEN}
)
"""By move, in their order; the last is no person's."""
_POSSIBLE = frozenset((state, move) for move, row in ROWS.items() for state, _, _ in row.happens())
_BY_HANDLER = {
    state: tuple(
        (one, moves)
        for one in HANDLERS
        if (moves := frozenset(move for move in Move if move in one.rows and (state, move) in _POSSIBLE))
    )
    for state in NamedState
}
TAKEN_AFTER_THE_END = frozenset(
    row.command
    for row in ROWS.values()
    if any(answer != CLOSED for state in ENDED for answer in row.cells[state].values())
)
"""The types of the commands that a cycle which has ended still takes, if only to refuse them by their own rule."""


def handler_of(body: c.Body) -> Handler[Any]:
    """The handler of a command; there is one for each."""
    return _BY_BODY[type(body)]


def is_possible(move: Move, state: NamedState) -> bool:
    """Whether the move can be done at all by anybody in this state, in any cycle."""
    return (state, move) in _POSSIBLE


def possible_in(state: NamedState) -> tuple[tuple[Handler[Any], frozenset[Move]], ...]:
    """The moves that can be done at all in this state, by their handlers; others have none."""
    return _BY_HANDLER[state]


def arrows() -> tuple[Arrow, ...]:
    """Each move that leads from one state to another, once, in the order of the table."""
    found = [(move, state, one) for move, row in ROWS.items() for state, _, one in row.happens()]
    found += [(Occasion.TIME_PASSES, state, one) for state, one in TIME.items()]
    return tuple(dict.fromkeys(Arrow(move, state, one.to) for move, state, one in found if one.to is not None))
