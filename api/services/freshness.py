"""An answer to a command shows what the command did, or says that it cannot be read yet: never what was before."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from api.gateway import EngineAwayError
from engine.domain.commands import Receipt
from engine.store.faults import DatabaseBusyError, is_away

Seen = TypeVar("Seen")
PAUSE = 0.05


async def shown_at(
    receipt: Receipt, read: Callable[[], Seen | None], revision: Callable[[Seen], int], within: float
) -> Seen:
    """What `read` finds, once it is at the receipt's revision.

    Args:
        receipt: of a command that was accepted.
        read: reads the database; runs in a thread; None when it is not there yet.
        revision: of what was read.
        within: seconds; the engine has waited for the database before, so few are enough.

    Raises:
        EngineAwayError: `not_written_yet`: accepted, but not readable yet; the same key gets the answer later.
    """
    deadline = time.monotonic() + within
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
