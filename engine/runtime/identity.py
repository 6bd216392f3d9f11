"""Is this engine ours? Compares the installation's id in the database with the one the engine holds; claims new ones.

The engine holds it in the memo of a workflow that never ends, which any client can read without a worker and without
a key. Must not know what runs in the engine besides.
"""

import asyncio
from datetime import datetime

from sqlalchemy import Engine
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from engine.contracts.engines import Installation, KnownEngine, OpenEngine
from engine.contracts.installation import (
    FIRST_HOLDER,
    HELD,
    INSTALLATION_WORKFLOW,
    EngineNames,
    holder_id,
    queue_name,
)
from engine.language.catalogues import both
from engine.runtime.connection import with_sdk_variables
from engine.runtime.plugin import SpiralPlugin, connect
from engine.runtime.problems import SetupError
from engine.runtime.sealing import KeyRing
from engine.runtime.settings import Settings
from engine.store.registers.installation import installation_of, note_sealed


class ForeignEngineError(SetupError):
    """The engine belongs to another installation."""


def names_of(settings: Settings, installation: Installation) -> EngineNames:
    """The names of an installation; an explicit `SPIRAL_TASK_QUEUE` wins over its own queue."""
    return EngineNames(installation.id, settings.task_queue or queue_name(installation.id))


async def identify(settings: Settings, database: Engine) -> KnownEngine:
    """Connects, and makes sure that the engine is ours; one that is nobody's yet becomes ours.

    Raises:
        ForeignEngineError: it is another installation's.
        SetupError: it does not answer.
    """
    settings = with_sdk_variables(settings)
    bare = await connect(settings)
    installation = await asyncio.to_thread(installation_of, database)
    names = names_of(settings, installation)
    since = await claim(bare, names, shared=settings.shared_namespace, place=settings.temporal_address)
    if installation.sealed_since is None:
        installation = await asyncio.to_thread(note_sealed, database, since)
    return KnownEngine(bare, installation, names, settings.shared_namespace)


async def open_engine(settings: Settings, database: Engine) -> OpenEngine:
    """Like `identify`, with the installation's keys.

    Raises:
        SetupError: as there, or there is no key.
    """
    return unlock(await identify(settings, database), settings)


def unlock(known: KnownEngine, settings: Settings) -> OpenEngine:
    """The client with the keys.

    Raises:
        SetupError: there is no key.
    """
    plain: set[str] = set()
    keys = KeyRing(settings.secrets(), known.installation.id)
    plugin = SpiralPlugin(keys, plain.__contains__)
    client = Client(known.bare.service_client, namespace=known.bare.namespace, plugins=[plugin])
    return OpenEngine(known, client, plain)


async def claim(bare: Client, names: EngineNames, *, shared: bool, place: str) -> datetime:
    """Finds our id in the engine, or puts it there when it holds none.

    Args:
        bare: a client whose payloads are plain.
        names: ours.
        shared: whether another installation may stand beside us.
        place: where the engine is, for the line that refuses.

    Returns:
        Since when it is there, by the engine's clock.

    Raises:
        ForeignEngineError: it holds another's id and not ours.
    """
    for holder in (FIRST_HOLDER, holder_id(names.installation)):
        found = await _held(bare, holder)
        if found is None and (holder == FIRST_HOLDER or shared):
            await _put(bare, holder, names)
            found = await _held(bare, holder)
        if found is not None and found[0] == names.installation:
            return found[1]
    raise ForeignEngineError(
        *both(
            "the engine at {place} belongs to another installation; "
            "check SPIRAL_TEMPORAL_ADDRESS, or share it with SPIRAL_SHARED_NAMESPACE=1",
            place=place,
        ),
    )


async def _held(bare: Client, holder: str) -> tuple[str, datetime] | None:
    """Whose id a holder holds, and since when; None when it does not run."""
    try:
        found: WorkflowExecutionDescription = await bare.get_workflow_handle(holder).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    if found.status is not WorkflowExecutionStatus.RUNNING:
        return None
    return str((await found.memo()).get(HELD, "")), found.start_time


async def _put(bare: Client, holder: str, names: EngineNames) -> None:
    try:
        await bare.start_workflow(
            INSTALLATION_WORKFLOW, id=holder, task_queue=names.task_queue, memo={HELD: names.installation}
        )
    except WorkflowAlreadyStartedError:  # somebody was faster; whose it is now is looked at again
        return
