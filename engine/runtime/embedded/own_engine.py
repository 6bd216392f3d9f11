"""The engine of a data directory, for a command that needs it for a moment: the one that runs, or one started for it.

Never guesses an address: what answers at Temporal's usual port may be another city's. Must not know what is asked.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from engine.language.catalogues import both
from engine.runtime import ports, runfile
from engine.runtime.connection import with_sdk_variables
from engine.runtime.embedded import devserver
from engine.runtime.embedded.supervisor import open_log, start_process
from engine.runtime.plugin import connect
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings

STARTING = 60.0
"""Seconds an engine on a slow disk may take until it answers."""
STOPPING = 5.0


@dataclass(frozen=True)
class AskedEngine:
    """Where to ask.

    Attributes:
        settings: with the engine's address in them.
        has_worker: whether workers may be there, so that cycles can say how far they are.
    """

    settings: Settings
    has_worker: bool


@asynccontextmanager
async def engine_of(settings: Settings) -> AsyncIterator[AskedEngine]:
    """The engine of these settings; one that had to be started is stopped with the block.

    While it runs, the directory is held, so that nobody else starts one on the same files.

    Raises:
        SetupError: nobody said where the engine is and this is no embedded directory, or it does not start.
    """
    settings = with_sdk_variables(settings)
    if settings.temporal_address:
        yield AskedEngine(settings, has_worker=True)
        return
    if not settings.is_embedded:
        raise SetupError(
            *both("nobody said where the engine is: set SPIRAL_TEMPORAL_ADDRESS"),
        )
    with runfile.hold(settings.data_dir):
        runfile.end_leftovers(settings.data_dir)
        port = ports.any_free(devserver.HOST)
        chosen = settings.model_copy(
            update={"temporal_address": f"{devserver.HOST}:{port}", "connect_timeout": STARTING}
        )
        command = devserver.command(
            devserver.find_binary(), settings.data_dir, port, None, settings.temporal_namespace
        )
        settings.log_dir.mkdir(parents=True, exist_ok=True)
        with open_log(settings.log_dir / "temporal.log") as output:
            server = await start_process(command, {}, out=output, errors=output)
        try:
            await _until_it_answers(chosen, server)
            yield AskedEngine(chosen, has_worker=False)
        finally:
            await _stop(server)


async def _until_it_answers(settings: Settings, server: asyncio.subprocess.Process) -> None:
    asking, ending = asyncio.create_task(connect(settings)), asyncio.create_task(server.wait())
    done, left = await asyncio.wait((asking, ending), return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    if asking not in done:
        raise SetupError(
            *both("the engine did not start: {what}", what=settings.log_dir / "temporal.log"),
        )
    asking.result()


async def _stop(server: asyncio.subprocess.Process) -> None:
    if server.returncode is not None:
        return
    server.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOPPING):
            await server.wait()
    except TimeoutError:
        server.kill()
        await server.wait()
