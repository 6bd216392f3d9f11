"""Drops what a message brings beyond what its handler takes.

A handler that is called with too much raises, which fails the workflow task again and again: one stray argument from
whoever can reach Temporal would stop a workflow for ever. Must not know any workflow.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from temporalio import workflow
from temporalio.worker import (
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)


class SpareArguments(Interceptor):
    """For every workflow of a worker."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 - the SDK's name
    ) -> type[WorkflowInboundInterceptor]:
        """What stands in front of the handlers."""
        return _OnlyWhatIsTaken


class _OnlyWhatIsTaken(WorkflowInboundInterceptor):
    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002 - as above
        input.args = _taken(workflow.get_signal_handler(input.signal), input.args)
        await super().handle_signal(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002 - as above
        input.args = _taken(workflow.get_update_handler(input.update), input.args)
        return await super().handle_update_handler(input)


def _taken(handler: Callable[..., Any] | None, args: Sequence[Any]) -> Sequence[Any]:
    return args if handler is None else args[: len(inspect.signature(handler).parameters)]
