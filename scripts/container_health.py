"""Health check of one part: `container_health.py api` asks `/readyz`, `… worker [PROCESS]` asks whether it polls.

The program under watch is process 1, as in its own container, unless its number is given. Exit 0 when it answers,
1 when it does not. It is asked all day long, so each part loads no more than its question needs.
"""

import asyncio
import sys

from engine.runtime.embedded.http_ready import http_ready
from engine.runtime.embedded.leaving import leave
from engine.runtime.settings import Settings, load_settings

FIRST_PROCESS = 1


async def healthy(part: str, settings: Settings, process: int = FIRST_PROCESS) -> bool:
    """Whether that part answers."""
    match part:
        case "api":
            return await http_ready("127.0.0.1", settings.port)
        case "worker":
            return await polls(settings, process)
        case _:
            sys.exit("usage: container_health.py (api|worker) [PROCESS]")


async def polls(settings: Settings, process: int) -> bool:
    """Whether that worker asks the engine for work."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - the API's check need not wait for the tables

    from engine.runtime.embedded.probes import EngineProbe  # noqa: PLC0415 - nor for the engine's client
    from engine.store.database import open_database  # noqa: PLC0415 - as above
    from engine.store.registers.installation import installation_of  # noqa: PLC0415 - as above

    database = open_database(settings.database_url)
    try:
        installation = await asyncio.to_thread(installation_of, database)
    except SQLAlchemyError:
        return False
    finally:
        database.dispose()
    return await EngineProbe(settings, installation).polls(process)


if __name__ == "__main__":
    part, *number = sys.argv[1:] or [""]
    leave(int(not asyncio.run(healthy(part, load_settings(), *map(int, number)))))
