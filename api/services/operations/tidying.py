"""What nobody needs any more is thrown away: at the start, and once an hour for as long as the API runs.

Kept answers hold what people wrote, so they end on their day and not with the next start.
"""

import asyncio

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from engine.store.directory.blobs import Blobs
from engine.store.faults import DatabaseBusyError
from engine.store.registers.claims import Claims

EVERY = 3600.0
"""Seconds."""
log = structlog.get_logger(__name__)


def tidy(database: Engine) -> None:
    """Throws away kept answers that are old, and contents that no cycle holds."""
    Claims(database).forget_old()
    Blobs(database).sweep()


async def stay_tidy(database: Engine, every: float = EVERY) -> None:
    """Does it again and again; a database that is away is asked again the next time."""
    while True:
        await asyncio.sleep(every)
        try:
            await asyncio.to_thread(tidy, database)
        except (SQLAlchemyError, DatabaseBusyError) as error:
            log.warning("not tidied", error=type(error).__name__)
