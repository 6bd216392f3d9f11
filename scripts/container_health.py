"""Health check inside a container: `container_health.py api` asks `/readyz`, `… worker` asks whether it polls.

The program under watch is process 1 of its container. Exit 0 when it answers, 1 when it does not.
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
    """Whether that part of this container answers."""
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
            sys.exit("usage: container_health.py (api|worker)")


if __name__ == "__main__":
    leave(int(not asyncio.run(healthy(" ".join(sys.argv[1:]), load_settings()))))
