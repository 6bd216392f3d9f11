"""Does a part of the engine answer? The server its namespace, the worker its polls. Asks, never changes."""

import socket

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from engine.contracts.engines import Installation
from engine.runtime.identity import ForeignEngineError, claim, names_of
from engine.runtime.plugin import connect
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings

_ONE_TRY = 0.05
"""Seconds: shorter than the first pause between attempts, so that `connect` tries once."""


class EngineProbe:
    """Asks the engine. Connects when it first answers and keeps the connection."""

    def __init__(self, settings: Settings, installation: Installation) -> None:
        self._settings = settings.model_copy(update={"connect_timeout": _ONE_TRY})
        self._names = names_of(settings, installation)
        self._client: Client | None = None

    async def answers(self, _pid: int) -> bool:
        """Whether the server is up and knows our namespace.

        Raises:
            ForeignEngineError: it is another installation's, which no waiting will change.
        """
        try:
            if self._client is None:
                found = await connect(self._settings)
                place = self._settings.temporal_address
                await claim(found, self._names, shared=self._settings.shared_namespace, place=place)
                self._client = found
        except ForeignEngineError:
            raise
        except (SetupError, RPCError):
            return False
        return True

    async def polls(self, pid: int) -> bool:
        """Whether that very process asks our queue for work: a poller says its pid and host."""
        if not await self.answers(pid) or self._client is None:
            return False
        question = DescribeTaskQueueRequest(
            namespace=self._settings.temporal_namespace,
            task_queue=TaskQueue(name=self._names.task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            answer = await self._client.workflow_service.describe_task_queue(question)
        except RPCError:
            return False
        # The host as well: in containers, every worker is process 1.
        return any(poller.identity == f"{pid}@{socket.gethostname()}" for poller in answer.pollers)
