"""The worker process: real adapters behind the activities, the registered workflows, one task queue."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from activities.wiring import activities
from engine.contracts.engines import OpenEngine
from engine.contracts.installation import EngineNames
from engine.runtime.daily_seal import seal_daily
from engine.runtime.identity import open_engine
from engine.runtime.plugin import build_id
from engine.runtime.renewal import follow_certificates
from engine.runtime.settings import Settings
from engine.store.database import open_database
from engine.store.directory.directory import Directory
from engine.store.outgoing.messages import Sendings
from engine.store.queries.cycles import Reader
from engine.store.queries.reconciling import Reconciling
from engine.store.record.journal import Journal
from engine.store.record.ledger import Ledger
from engine.store.registers.differences import Differences
from engine.store.registers.milestones import Milestones
from engine.store.registers.webhooks import Webhooks
from workflows.reconciler import Reconciler
from workflows.registry import WORKFLOWS
from workflows.takeover import take_over, what_is_left
from workflows.waking import HOUR, SLOW, follow, wake_all, wake_milestones, wake_missing, wake_notices

THREADS = 16
"""Activities at once; no more than the database's pool has connections."""

log = structlog.get_logger(__name__)


async def run(settings: Settings) -> None:
    """Works until cancelled, then finishes what it holds."""
    database = open_database(settings.database_url)
    try:
        engine = await open_engine(settings, database)
        look = partial(what_is_left, engine.known, _recorded(Directory(database)))
        left = await look()
        engine.plain.update(left.plain)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="activity") as threads:
            poll = partial(_work_for, engine.client, database, settings, threads)
            worker = make_worker(engine.client, database, settings, threads, engine.names.task_queue)
            async with worker:
                log.info("worker ready", task_queue=engine.names.task_queue, build=build_id(settings))
                retired = asyncio.Event()
                async with asyncio.TaskGroup() as group:
                    group.create_task(take_over(engine, look, poll, left, retired))
                    group.create_task(reconciler(engine, database).run(settings.reconcile_every))
                    group.create_task(follow_certificates(engine.client, settings, partial(_again, worker)))
                    if settings.is_embedded:
                        group.create_task(seal_daily(database, settings))
                    await retired.wait()
                    await deliver(engine.client, engine.names, database, settings)
    finally:
        database.dispose()


def _again(worker: Worker) -> None:
    """Lets it poll over the connection that its client has now."""
    worker.client = worker.client


def reconciler(engine: OpenEngine, database: Engine) -> Reconciler:
    """Compares engine and record, with the real record behind it."""
    milestones = Milestones(database, Directory(database))

    async def wake() -> None:
        await wake_missing(engine, await asyncio.to_thread(milestones.followed))

    return Reconciler(engine, Reconciling(database), Journal(database).seen, Differences(database).replace, wake)


def _recorded(directory: Directory) -> Callable[[str], bool]:
    """Whether a cycle is in the record, or follows one that is: it may have started a moment ago."""

    def recorded(cycle_id: str) -> bool:
        parent = cycle_id.rpartition(".")[0]
        return directory.state(cycle_id) is not None or bool(parent and directory.state(parent))

    return recorded


async def _work_for(
    client: Client, database: Engine, settings: Settings, threads: ThreadPoolExecutor, queue: str
) -> None:
    """Works for another queue until cancelled, then finishes what it holds."""
    await make_worker(client, database, settings, threads, queue).run()


async def deliver(client: Client, names: EngineNames, database: Engine, settings: Settings) -> None:
    """Follows the journal until cancelled, so that what happens is delivered within a second or two."""
    directory = Directory(database)
    webhooks = Webhooks(database, directory, Ledger(database))
    sendings = Sendings(database, directory, settings.channels)
    await wake_notices(client, names)
    milestones = Milestones(database, directory)

    async def roadmap() -> None:
        await wake_milestones(client, await asyncio.to_thread(milestones.followed), names)

    async with asyncio.TaskGroup() as group:
        group.create_task(follow(milestones.position, roadmap, SLOW, HOUR))
        group.create_task(
            follow(Reader(database).position, lambda: wake_all(client, names, webhooks.behind, sendings.unsorted))
        )


def make_worker(
    client: Client, database: Engine, settings: Settings, threads: ThreadPoolExecutor, task_queue: str
) -> Worker:
    """A worker with everything registered; converter, seal and sandbox come from the client's plugin."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=activities(database, settings),
        activity_executor=threads,
        build_id=build_id(settings),
        max_cached_workflows=settings.max_cached_workflows,
        max_concurrent_workflow_tasks=settings.workflow_tasks,
        max_concurrent_activities=THREADS,
        max_concurrent_local_activities=THREADS,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=settings.sticky_timeout),
        graceful_shutdown_timeout=timedelta(seconds=settings.graceful_timeout),
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
    )
