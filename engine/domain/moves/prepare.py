"""A command with what it needs of the world on this day: from then on it lives in the event and is never asked again.

The route, the caller's grants, who is away, what follows: each handler says what it looks up. Must not know where
facts come from.
"""

from collections.abc import Sequence

from engine.domain.cycle import commands as c
from engine.domain.cycle.state import CycleState
from engine.domain.lineage.join import JoinTarget
from engine.domain.moves.catalogue import handler_of
from engine.domain.moves.handler import World
from engine.domain.review.facts import Facts


def prepared(command: c.Command, state: CycleState, facts: Facts, targets: Sequence[JoinTarget] = ()) -> c.Command:
    """Fills in what `decide` must not look up itself; `targets` are the cycles that the Share wants to join.

    Raises:
        DomainError: `no_decider`, or what is wrong with a person named or with the next cycles.
    """
    body = looked_up(command.body, World(command.actor, state, facts, targets))
    return command if body is command.body else command.model_copy(update={"body": body})


def looked_up(body: c.Body, world: World) -> c.Body:
    """The body alone, in a world that others may have been looked up in before.

    Raises:
        DomainError: like `prepared`.
    """
    found = handler_of(body).look_up(body, world)
    new = {name: value for name, value in found.items() if getattr(body, name) is not value}
    return body.model_copy(update=new) if new else body
