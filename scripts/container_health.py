"""Health check of one part: `container_health.py api` asks `/readyz`, `… worker [PROCESS]` asks whether it polls.

The program under watch is process 1, as in its own container, unless its number is given. Exit 0 when it answers,
1 when it does not.
"""

import asyncio
import sys

from sqlalchemy.exc import SQLAlchemyError

from engine.runtime.embedded.leaving import leave
from engine.runtime.embedded.probes import EngineProbe, http_ready
from engine.runtime.settings import Settings, load_settings
from engine.store.database import open_database
from engine.store.registers.installation import installation_of

FIRST_PROCESS = 1


async def healthy(part: str, settings: Settings, process: int = FIRST_PROCESS) -> bool:
    """Whether that part answers."""
    match part:
        case "api":
            return await http_ready("127.0.0.1", settings.port)
        case "worker":
            database = open_database(settings.database_url)
            try:
                installation = await asyncio.to_thread(installation_of, database)
            except SQLAlchemyError:
                return False
            finally:
                database.dispose()
            return await EngineProbe(settings, installation).polls(process)
        case _:
            sys.exit("usage: container_health.py (api|worker) [PROCESS]")


if __name__ == "__main__":
    part, *number = sys.argv[1:] or [""]
    leave(int(not asyncio.run(healthy(part, load_settings(), *map(int, number)))))
