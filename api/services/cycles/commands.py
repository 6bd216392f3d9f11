"""One command of a person through the only door; whatever reads next is not older than it."""

from api.container import Desk
from api.services.cycles.freshness import shown_at
from engine.domain.cycle.commands import Command


async def give(cycle: str, command: Command, desk: Desk) -> None:
    """Gives it, and waits until what it did can be read.

    Raises:
        DomainError: why it was refused.
        EngineAwayError: it is not known, or not readable yet; the same command again gets the answer later.
    """
    await shown_at(
        desk.gateway.command(cycle, command),
        lambda: desk.directory.state(cycle),
        lambda one: one.revision,
        desk.settings.database_patience,
    )
