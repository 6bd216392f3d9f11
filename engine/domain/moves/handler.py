"""The handler of a command: all that is particular to one kind of move, so that a move stands in one file.

`dispatch`, `prepare`, `allowed` and the table ask the handlers that `catalogue` collects, and know no move by name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from engine.domain.base import Frozen
from engine.domain.cycle import commands as c
from engine.domain.cycle.recorder import Record
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.undo import Followed, Opened
from engine.domain.lineage.join import JoinTarget
from engine.domain.moves.table.cells import TableRow
from engine.domain.moves.table.moves import Move, Occasion
from engine.domain.review.facts import Facts

BodyT = TypeVar("BodyT", bound=Frozen)
FoundT = TypeVar("FoundT")
WORDS = "-"
"""Stands for whatever a person would write."""
Grown = tuple[tuple[Opened, ...], Followed | None]
"""What has grown from a cycle's end elsewhere, and what somebody did with it; see `c.Retract`."""


@dataclass(frozen=True, eq=False)
class World:
    """What the commands of one person for one cycle are prepared from; what is found once need not be found again.

    Args:
        actor: whose commands.
        state: of the cycle they are for.
        facts: of today.
        targets: the cycles that the cycle's Share wants to join.
    """

    actor: str
    state: CycleState
    facts: Facts
    targets: Sequence[JoinTarget] = ()
    _found: dict[Callable[["World"], Any], Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, find: Callable[["World"], FoundT]) -> FoundT:
        """What `find` finds in this world; asked again, the same is given."""
        if find not in self._found:
            self._found[find] = find(self)
        found: FoundT = self._found[find]
        return found


class Situation(NamedTuple):
    """What a move is tried in: a cycle as it is, the facts of today, now, and what has grown from the cycle."""

    state: CycleState
    facts: Facts
    at: datetime
    grown: Grown


Try = tuple[Move, c.Body]
Tries = Callable[[Situation], Iterable[Try]]
LookUp = Callable[[BodyT, World], Mapping[str, object]]


def nothing(_body: object, _world: World) -> Mapping[str, object]:
    """The command needs nothing of the world."""
    return {}


def by_nobody(_situation: Situation) -> Iterable[Try]:
    """No person gives the command."""
    return ()


def always(*tries: Try) -> Tries:
    """The same bodies whatever the cycle is."""
    return lambda _situation: tries


@dataclass(frozen=True)
class Handler(Generic[BodyT]):
    """One kind of command.

    Args:
        body: its model.
        rule: what it does, or the `DomainError` that says why not.
        rows: of the table: a row for each move that it is given by.
        tries: bodies that lack nothing, of which one is enough for each thing that the move could be about.
        look_up: the fields that the door fills in (`c.LOOKED_UP`), from the world of that day.
    """

    body: type[BodyT]
    rule: Callable[[Record, BodyT], None]
    rows: Mapping[Move | Occasion, TableRow]
    tries: Tries
    look_up: LookUp[BodyT] = nothing
