"""条件の履行: whoever is to meet a condition says that, and how, it is met."""

from collections.abc import Iterable

from engine.domain.cycle import commands as c
from engine.domain.cycle import events as e
from engine.domain.cycle.recorder import Record, needed_text
from engine.domain.errors import conflict, forbidden, not_found
from engine.domain.moves.handler import WORDS, Handler, Situation, Try
from engine.domain.moves.table.cells import Because, Otherwise, TableRow, across, cell, done
from engine.domain.moves.table.moves import Asker, Move
from engine.domain.moves.table.rows import SLEEPING


def close_condition(record: Record, body: c.CloseCondition) -> None:
    """Closes it, once, with what shows it."""
    state = record.state
    condition = next((one for one in state.conditions if one.n == body.n), None)
    if condition is None:
        raise not_found("unknown_condition", n=str(body.n))
    if record.actor not in (condition.owner, state.owner):
        raise forbidden("not_your_condition", owner=condition.owner)
    if condition.closed_at is not None:
        raise conflict("condition_closed_already", n=str(body.n))
    record.add(e.ConditionClosed(n=body.n, evidence=needed_text(body.evidence, "/evidence")))


def _each(situation: Situation) -> Iterable[Try]:
    for condition in situation.state.conditions:
        yield Move.CLOSE_CONDITION, c.CloseCondition(n=condition.n, evidence=WORDS)


_ROW = TableRow(
    "close_condition",
    across(cell("not_your_condition", owner=done("condition_closed")), cells={SLEEPING: cell("unknown_condition")}),
    lacking="unknown_condition",
    otherwise=(Otherwise(SLEEPING, Asker.OWNER, done("condition_closed"), Because.CARRIED_OVER),),
)
HANDLERS = (Handler(c.CloseCondition, close_condition, {Move.CLOSE_CONDITION: _ROW}, _each),)
