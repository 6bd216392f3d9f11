"""意見: what anybody who reads the cycle says to it, at any time while it is open."""

from engine.domain.cycle import commands as c
from engine.domain.cycle import events as e
from engine.domain.cycle.recorder import Record, needed_text
from engine.domain.moves.handler import WORDS, Handler, World, always
from engine.domain.moves.table.cells import TableRow, across, cell, done
from engine.domain.moves.table.moves import Move
from engine.domain.review.mentions import mentioned


def comment(record: Record, body: c.Comment) -> None:
    """Adds the text; whom it mentions is looked up at the door."""
    record.add(e.Commented(text=needed_text(body.text, "/text"), mentions=body.mentions))


def _look_up(body: c.Comment, world: World) -> dict[str, object]:
    return {"mentions": mentioned(body.text, world.facts.organisation)}


HANDLERS = (
    Handler(
        c.Comment,
        comment,
        {Move.COMMENT: TableRow("comment", across(cell(done("commented"))))},
        always((Move.COMMENT, c.Comment(text=WORDS))),
        _look_up,
    ),
)
