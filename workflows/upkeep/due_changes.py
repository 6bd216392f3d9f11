"""Changes of who decides take effect on their day by themselves (`engine.domain.administration`)."""

import asyncio
from collections.abc import Callable

import structlog

LOOK = 60.0
"""Seconds between two looks whether a change's day has come."""
log = structlog.get_logger(__name__)


async def put_due_changes_in_force(take_due: Callable[[], list[str]], every: float = LOOK) -> None:
    """Until cancelled. Whatever is in the way now is tried again; several workers never do it twice."""
    while True:
        try:
            for change in await asyncio.to_thread(take_due):
                log.info("a change's day has come", change=change)
        except Exception as error:  # noqa: BLE001 - the database is away: work goes on, and the next look is soon
            log.warning("cannot look for changes that are due", reason=str(error)[:200])
        await asyncio.sleep(every)
