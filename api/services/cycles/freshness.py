"""An answer to a command shows what the command did, or says that it cannot be read yet: never what was before."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from api.gateway import EngineAwayError
from engine.domain.cycle.commands import Receipt
from engine.store.faults import DatabaseBusyError, is_away

Seen = TypeVar("Seen")
PAUSE = 0.05
AT_LEAST = 0.2
"""Seconds to look for what the engine has accepted, however long that took."""


async def shown_at(
    asking: Awaitable[Receipt], read: Callable[[], Seen | None], revision: Callable[[Seen], int], patience: float
) -> Seen:
    """What `read` finds, once it is at the revision of the receipt that a command is given.

    Args:
        asking: the command on its way.
        read: reads the database; runs in a thread; None when it is not there yet.
        revision: of what was read.
        patience: seconds to wait for the database; twice that for the whole, since the engine has waited too.

    Raises:
        EngineAwayError: `not_written_yet`: accepted, but not readable yet; the same key gets the answer later.
    """
    began = time.monotonic()
    receipt = await asking
    deadline = max(began + 2 * patience, time.monotonic() + AT_LEAST)
    while True:
        try:
            found = await asyncio.to_thread(read)
            if found is not None and revision(found) >= receipt.revision:
                return found
        except (SQLAlchemyError, DatabaseBusyError) as error:
            if not is_away(error):
                raise
        if time.monotonic() > deadline:
            raise EngineAwayError("not_written_yet")
        await asyncio.sleep(PAUSE)
