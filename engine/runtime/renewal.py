"""Takes up certificates that were renewed on disk, without a restart: a connection anew, put in the old one's place.

A certificate lives for days where a process lives for months. An open connection outlives its certificate; the next
one that the SDK makes by itself would show the old one, and be refused. Must not know what is said over it.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import structlog
from temporalio.client import Client
from temporalio.service import ServiceClient

from engine.runtime.connection import FILES
from engine.runtime.plugin import connect
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings

EVERY = 5.0
"""Seconds between two looks at the files."""

log = structlog.get_logger(__name__)
Marks = tuple[tuple[str, int, int, int], ...]


async def follow_certificates(
    client: Client, settings: Settings, taken_up: Callable[[], None] = lambda: None, every: float = EVERY
) -> None:
    """Until cancelled; ends at once where no certificates are named.

    What cannot be used yet (half written, a key without its certificate, an engine that is away) is said once and
    tried again; the old connection goes on meanwhile.

    Args:
        client: whose connection is renewed, with that of every client that shares it.
        settings: where the engine is.
        taken_up: told after each time.
        every: seconds between two looks.
    """
    files = certificate_files(settings)
    seen = said = await asyncio.to_thread(marks, files)
    while files:
        await asyncio.sleep(every)
        now = await asyncio.to_thread(marks, files)
        if now == seen:
            continue
        try:
            fresh = await connect(settings.model_copy(update={"connect_timeout": every}))
        except SetupError as error:
            if now != said:
                log.warning("certificates renewed on disk cannot be used yet", problem=str(error))
            said = now
            continue
        _put_in_place(client.service_client, fresh.service_client)
        taken_up()
        seen = now
        log.info("certificates taken up")


def certificate_files(settings: Settings) -> tuple[Path, ...]:
    """The files whose renewal counts; none for an embedded engine, whose connection never leaves the machine."""
    if settings.is_embedded:
        return ()
    return tuple(Path(value) for name in FILES if (value := os.environ.get(name)))


def marks(files: tuple[Path, ...]) -> Marks:
    """What changes when one of them is written anew or another is put in its place; a missing one has zeros."""
    found = []
    for file in files:
        try:
            state = file.stat()
        except OSError:
            found.append((str(file), 0, 0, 0))
        else:
            found.append((str(file), state.st_ino, state.st_mtime_ns, state.st_size))
    return tuple(found)


def _put_in_place(old: ServiceClient, fresh: ServiceClient) -> None:
    # The SDK can change an API key in place, not certificates. All clients share one service client, and this is the
    # connection it holds; tests/cluster shows that nobody goes on with the old one.
    old._bridge_client = fresh._bridge_client  # type: ignore[attr-defined]  # noqa: SLF001
