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
    found = handler_of(command.body).look_up(command.body, World(command, state, facts, targets))
    return command.model_copy(update={"body": command.body.model_copy(update=dict(found))}) if found else command
