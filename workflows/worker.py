"""The worker process: real adapters behind the activities, the registered workflows, one task queue."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker, WorkerDeploymentConfig

from activities.wiring import activities
from engine.contracts.engines import OpenEngine
from engine.contracts.installation import EngineNames
from engine.data.shipped import is_sample_city
from engine.language.catalogues import both
from engine.runtime.daily_seal import seal_daily
from engine.runtime.identity import open_engine
from engine.runtime.plugin import build_id
from engine.runtime.problems import SetupError
from engine.runtime.renewal import follow_certificates
from engine.runtime.settings import Settings
from engine.store.database import open_database
from engine.store.directory.changes import Changes
from engine.store.directory.directory import Directory
from engine.store.outgoing.messages import Sendings
from engine.store.queries.cycles import Reader
from engine.store.queries.reconciling import Reconciling
from engine.store.record.journal import Journal
from engine.store.record.ledger import Ledger
from engine.store.registers.differences import Differences
from engine.store.registers.milestones import Milestones
from engine.store.registers.webhooks import Webhooks
from workflows.registry import WORKFLOWS
from workflows.upkeep.due_changes import put_due_changes_in_force
from workflows.upkeep.moving import JournalLooks, Mover
from workflows.upkeep.reconciler import Reconciler
from workflows.upkeep.releases import Promotion, deployment, deployment_config
from workflows.upkeep.takeover import take_over, what_is_left
from workflows.upkeep.waking import HOUR, SLOW, follow, wake_all, wake_milestones, wake_missing, wake_notices

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
            await refuse_unnamed(engine, settings)
            named = deployment_config(engine.names, settings.build_id) if settings.build_id else None
            make = partial(make_worker, engine.client, database, settings, threads, named=named)
            poll = partial(_work_for, make)
            worker = make(engine.names.task_queue)
            async with worker:
                log.info("worker ready", task_queue=engine.names.task_queue, build=build_id(settings))
                retired = asyncio.Event()
                async with asyncio.TaskGroup() as group:
                    group.create_task(take_over(engine, look, poll, left, retired))
                    group.create_task(reconciler(engine, database).run(settings.reconcile_every))
                    group.create_task(follow_certificates(engine.client, settings, partial(_again, worker)))
                    group.create_task(put_due_changes_in_force(due_changes(database)))
                    if settings.is_embedded:
                        group.create_task(seal_daily(database, settings))
                    if settings.build_id:
                        group.create_task(mover(engine, database, settings.build_id, settings).run())
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


def due_changes(database: Engine) -> Callable[[], list[str]]:
    """Puts the changes whose day has come in force, with the real record behind it."""
    directory = Directory(database)
    return Changes(database, directory, is_sample_city).take_due


def _recorded(directory: Directory) -> Callable[[str], bool]:
    """Whether a cycle is in the record, or follows one that is: it may have started a moment ago."""

    def recorded(cycle_id: str) -> bool:
        parent = cycle_id.rpartition(".")[0]
        return directory.state(cycle_id) is not None or bool(parent and directory.state(parent))

    return recorded


def mover(engine: OpenEngine, database: Engine, build: str, settings: Settings) -> Mover:
    """Follows releases, with the real record behind it; embedded, there is no other worker to wait for."""
    promotion = Promotion(engine.known.bare, engine.names, build, by_itself=settings.is_embedded)
    looks = JournalLooks(Directory(database).state, Journal(database).seen, Reader(database).position)
    return Mover(engine, build, promotion, looks)


async def refuse_unnamed(engine: OpenEngine, settings: Settings) -> None:
    """A worker without a name cannot work where one with a name is current: cycles would wait for it for ever.

    Raises:
        SetupError: that is so here.
    """
    known = None if settings.build_id else await deployment(engine.known.bare, engine.names)
    if known is not None and known.current is not None:
        raise SetupError(
            *both("the engine's current build is {build}: set SPIRAL_BUILD_ID here too", build=known.current)
        )


async def _work_for(make: Callable[[str], Worker], queue: str) -> None:
    """Works for another queue until cancelled, then finishes what it holds."""
    await make(queue).run()


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


def make_worker(  # noqa: PLR0913 - what a worker is made of
    client: Client,
    database: Engine,
    settings: Settings,
    threads: ThreadPoolExecutor,
    task_queue: str,
    *,
    named: WorkerDeploymentConfig | None = None,
) -> Worker:
    """A worker with everything registered; converter, seal and sandbox come from the client's plugin."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=activities(database, settings),
        activity_executor=threads,
        build_id=None if named else build_id(settings),
        deployment_config=named,
        max_cached_workflows=settings.max_cached_workflows,
        max_concurrent_workflow_tasks=settings.workflow_tasks,
        max_concurrent_activities=THREADS,
        max_concurrent_local_activities=THREADS,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=settings.sticky_timeout),
        graceful_shutdown_timeout=timedelta(seconds=settings.graceful_timeout),
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
    )
