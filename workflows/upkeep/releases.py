"""Releases of the worker (ADR 0043): which build runs which cycles, which one is current, and how cycles move there.

Temporal's Worker Versioning: a cycle is pinned to the build that began its run, and moves at rest, by continuing as
new on the current one. Only workers whose build has a name (`SPIRAL_BUILD_ID`) take part; the embedded default has
one worker and one code, and its runs go on under whatever code is there. Must not know tables.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import structlog
from temporalio.api.enums.v1 import TaskQueueType, VersionDrainageStatus
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
)
from temporalio.client import Client, WorkflowExecution
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from engine.contracts.cycle import CYCLE_WORKFLOW
from engine.contracts.installation import EngineNames
from workflows.upkeep.takeover import TYPES

IDENTITY = "spiral releases"
ALIVE = timedelta(seconds=75)
"""A worker asks for work at least once a minute; whoever has not for longer is gone."""
UNNAMED = "-"
VERSION = "TemporalWorkerDeploymentVersion"

log = structlog.get_logger(__name__)


class UnknownBuildError(Exception):
    """No worker of that build ever asked for work."""


class ReleaseState(StrEnum):
    """What a build is for, now."""

    CURRENT = "current"
    RAMPING = "ramping"
    WAITING = "waiting"
    """Its workers ask for work, and nobody has promoted it."""
    DRAINING = "draining"
    """It was current; open cycles still run on it."""
    DRAINED = "drained"
    """Nothing runs on it any more: its workers may go."""
    UNNAMED = "unnamed"
    """Runs that began under workers whose build had no name; they move by themselves."""


@dataclass(frozen=True)
class Release:
    """One build of the worker.

    Attributes:
        build: `SPIRAL_BUILD_ID` of its workers.
        cycles: how many open cycles run on it.
        state: what it is for.
        has_worker: whether somebody asked for work under it lately.
        percent: of new runs, while it is ramping.
    """

    build: str
    cycles: int
    state: ReleaseState
    has_worker: bool
    percent: float = 0.0


@dataclass(frozen=True)
class Deployment:
    """What Temporal knows of our builds; `current` is None until one is promoted."""

    current: str | None
    ramping: str | None
    percent: float
    builds: Mapping[str, VersionDrainageStatus.ValueType]


def deployment_name(names: EngineNames) -> str:
    """What all builds of one installation are builds of."""
    return f"spiral-{names.installation}"


def deployment_config(names: EngineNames, build: str) -> WorkerDeploymentConfig:
    """A worker of that build: runs stay on it until they continue as new."""
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name(names), build),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )


async def deployment(client: Client, names: EngineNames) -> Deployment | None:
    """The builds there have been; None while none ever asked for work."""
    asked = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment_name(names))
    try:
        found = (await client.workflow_service.describe_worker_deployment(asked, retry=True)).worker_deployment_info
    except RPCError as error:
        if error.status in {RPCStatusCode.NOT_FOUND, RPCStatusCode.UNIMPLEMENTED}:  # an engine too old to know builds
            return None
        raise
    routing = found.routing_config
    return Deployment(
        current=routing.current_deployment_version.build_id or None,
        ramping=routing.ramping_deployment_version.build_id or None,
        percent=routing.ramping_version_percentage,
        builds={one.deployment_version.build_id: one.drainage_status for one in found.version_summaries},
    )


async def releases(client: Client, names: EngineNames) -> list[Release]:
    """Every build that runs something or asks for work, the current one first."""
    known = await deployment(client, names)
    if known is None:
        return []
    alive = await builds_at_work(client, names)
    found = [
        Release(
            build,
            await _cycles_on(client, names, build),
            _state(build, known, drained=drained == VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINED),
            build in alive,
            known.percent if build == known.ramping else 0.0,
        )
        for build, drained in known.builds.items()
    ]
    if unnamed := await _cycles_on(client, names, None):
        found.append(Release(UNNAMED, unnamed, ReleaseState.UNNAMED, "" in alive))
    order = list(ReleaseState)
    return sorted(found, key=lambda one: (order.index(one.state), one.build))


def _state(build: str, known: Deployment, *, drained: bool) -> ReleaseState:
    if build == known.current:
        return ReleaseState.CURRENT
    if build == known.ramping:
        return ReleaseState.RAMPING
    if known.builds[build] == VersionDrainageStatus.VERSION_DRAINAGE_STATUS_UNSPECIFIED:
        return ReleaseState.WAITING
    return ReleaseState.DRAINED if drained else ReleaseState.DRAINING


async def _cycles_on(client: Client, names: EngineNames, build: str | None) -> int:
    return (await client.count_workflows(f'{_on(names, build)} AND WorkflowType = "{CYCLE_WORKFLOW}"')).count


def _on(names: EngineNames, build: str | None) -> str:
    """The query for what runs on a build, or on none that has a name."""
    named = "IS NULL" if build is None else f'= "{deployment_name(names)}:{build}"'
    return f'ExecutionStatus = "Running" AND TaskQueue = "{names.task_queue}" AND {VERSION} {named}'


async def builds_at_work(client: Client, names: EngineNames) -> frozenset[str]:
    """The builds whose workers asked for work lately; the empty text stands for those without a name."""
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=names.task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    found = await client.workflow_service.describe_task_queue(asked)
    since = datetime.now(UTC) - ALIVE
    return frozenset(
        one.deployment_options.build_id
        for one in found.pollers
        if one.last_access_time.ToDatetime(tzinfo=UTC) > since
    )


async def promote(client: Client, names: EngineNames, build: str, percent: float | None = None) -> None:
    """Makes a build current, or gives it a part of what begins.

    Args:
        client: any; it needs no key.
        names: ours.
        build: one whose workers ask for work.
        percent: of new runs, 0 to 100; None for all, for good.

    Raises:
        UnknownBuildError: no worker of that build ever asked for work.
    """
    try:
        await _promoted(client, names, build, percent)
    except RPCError as error:
        if error.status in {RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION}:
            raise UnknownBuildError(build) from error
        raise


async def _promoted(client: Client, names: EngineNames, build: str, percent: float | None) -> None:
    if percent is None:
        await client.workflow_service.set_worker_deployment_current_version(
            SetWorkerDeploymentCurrentVersionRequest(
                namespace=client.namespace, deployment_name=deployment_name(names), build_id=build, identity=IDENTITY
            ),
            retry=True,
        )
        return
    await client.workflow_service.set_worker_deployment_ramping_version(
        SetWorkerDeploymentRampingVersionRequest(
            namespace=client.namespace, deployment_name=deployment_name(names), build_id=build if percent else "",
            percentage=percent, identity=IDENTITY,
        ), retry=True,
    )  # fmt: skip


async def runs_elsewhere(
    client: Client, names: EngineNames, build: str, known: Deployment
) -> AsyncIterator[tuple[WorkflowExecution, str]]:
    """What of ours runs on another build than this one, with that build."""
    for other in [*known.builds, None]:
        if other != build:
            async for run in client.list_workflows(f"{_on(names, other)} AND WorkflowType IN ({TYPES})"):
                yield run, other or ""


class Promotion:
    """What a worker with a name does about releases: the first becomes current; a later one waits and says so.

    Args:
        client: any.
        names: ours.
        build: this worker's.
        by_itself: whether it makes itself current in any case, as where there is no other worker.
    """

    def __init__(self, client: Client, names: EngineNames, build: str, *, by_itself: bool) -> None:
        self._client = client
        self._names = names
        self._build = build
        self._by_itself = by_itself
        self._told: str | None = None
        self._gone_since: float | None = None

    async def look(self) -> Deployment | None:
        """The builds there are, where this one is current, alone; makes it so where it may. Else None."""
        known = await deployment(self._client, self._names)
        if known is None or self._build not in known.builds:
            return None  # the first question for work is still under way
        if known.current is None or (self._by_itself and known.current != self._build):
            await promote(self._client, self._names, self._build)
            log.info("this build is current now", build=self._build, before=known.current)
            return replace(known, current=self._build)
        if known.current != self._build and await self._is_gone(known.current):
            await promote(self._client, self._names, self._build)
            log.warning("no worker of the current build is left: this build is current now", build=self._build,
                        before=known.current)  # fmt: skip
            return replace(known, current=self._build, ramping=None)
        if known.current not in {self._build, self._told}:
            log.warning("nobody has promoted this build: spiral releases --promote", build=self._build,
                        current=known.current)  # fmt: skip
        self._told = known.current
        return known if known.current == self._build and known.ramping is None else None

    async def _is_gone(self, build: str) -> bool:
        """Whether nobody has asked for work under a build for long; an engine that has just started knows nobody."""
        now = asyncio.get_running_loop().time()
        if build in await builds_at_work(self._client, self._names):
            self._gone_since = None
            return False
        self._gone_since = now if self._gone_since is None else self._gone_since
        return now - self._gone_since > ALIVE.total_seconds()
