"""What one place of the table says: for each asker what happens, or which refusal."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from engine.domain.moves.table.moves import Asker, Move, Occasion
from engine.domain.moves.table.named_states import ENDED, NamedState

CLOSED = "cycle_closed"


class Happens(NamedTuple):
    """A move that is done: the types of its events in order, and the state that it leads to; None where it was."""

    events: tuple[str, ...]
    to: NamedState | None = None


Answer = Happens | str
"""What happens, or the code of the refusal."""
Cell = Mapping[Asker, Answer]
"""One answer for each asker."""
PEOPLE = tuple(asker for asker in Asker if asker is not Asker.SYSTEM)


class Because(StrEnum):
    """In what a cycle differs from the one that the table is of."""

    MORE_TO_ASK = "more_to_ask"
    LAST_STEP = "last_step"
    OPINION = "opinion"
    EARLIER_APPROVER = "earlier_approver"
    LARGER = "larger"
    CARRIED_OVER = "carried_over"


class Otherwise(NamedTuple):
    """What a cycle that differs in one thing answers instead."""

    at: NamedState
    asker: Asker
    answer: Happens
    because: Because


class TableRow(NamedTuple):
    """One move in every state.

    Args:
        command: the type of the command that it is given by.
        cells: by state.
        lacking: the refusal where what the move is about is not there; None when it is about the cycle itself.
        otherwise: what may happen besides.
    """

    command: str
    cells: Mapping[NamedState, Cell]
    lacking: str | None = None
    otherwise: tuple[Otherwise, ...] = ()

    def happens(self) -> Iterator[tuple[NamedState, Asker, Happens]]:
        """Whatever can happen, where, and to whom."""
        for state, answers in self.cells.items():
            yield from ((state, who, answer) for who, answer in answers.items() if isinstance(answer, Happens))
        yield from ((one.at, one.asker, one.answer) for one in self.otherwise)


class Arrow(NamedTuple):
    """A move that leads from one state to another."""

    move: Move | Occasion
    start: NamedState
    to: NamedState


def done(*events: str, to: NamedState | None = None) -> Happens:
    """See `Happens`."""
    return Happens(events, to)


def cell(rest: Answer, **askers: Answer) -> Cell:
    """What the askers named are answered, and everybody else."""
    named = {Asker(name): answer for name, answer in askers.items()}
    return MappingProxyType({one: named.get(one, rest) for one in PEOPLE})


def across(
    rest: Cell, ended: Cell | None = None, cells: Mapping[NamedState, Cell] = MappingProxyType({})
) -> Mapping[NamedState, Cell]:
    """A cell for every state: those named, `ended` after the end (closed unless said), and `rest` in the others."""
    after = cell(CLOSED) if ended is None else ended
    return MappingProxyType({one: cells.get(one, after if one in ENDED else rest) for one in NamedState})
