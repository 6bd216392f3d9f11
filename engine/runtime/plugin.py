"""The one Temporal plugin, shared by client, worker and replayer, and the one way to connect.

Payloads are pydantic's, sealed with the installation's key. The sandbox stays on with only `engine` passed through,
since an AST test holds the purity of what the sandbox does not watch. Must not know any workflow or activity.
"""

import asyncio
import subprocess
import time
from collections.abc import Callable, Hashable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import Client
from temporalio.converter import (
    DefaultFailureConverterWithEncodedAttributes,
    SerializationContext,
    StorageDriverStoreContext,
    WorkflowSerializationContext,
)
from temporalio.plugin import SimplePlugin
from temporalio.service import RPCError
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import Info

import engine
from engine.language.catalogues import both
from engine.runtime.connection import security, with_sdk_variables
from engine.runtime.problems import SetupError
from engine.runtime.sealing import KeyRing, SealedDataConverter, SealedPayloadConverter, SealingCodec, nobody
from engine.runtime.settings import Settings
from engine.runtime.spare_arguments import SpareArguments

PASSED_THROUGH = ("engine",)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
"""Seconds between attempts to connect: doubled each time up to the second."""


class SpiralPlugin(SimplePlugin):
    """Converter, seal and sandbox for whatever it is given to: `Client`, `Worker` (through its client) or `Replayer`.

    Args:
        keys: the installation's.
        plain: whether the workflow of that id began before payloads were sealed, so that it still holds plain ones.
    """

    def __init__(self, keys: KeyRing, plain: Callable[[str], bool] = nobody) -> None:
        converter = SealedDataConverter(
            payload_converter_class=SealedPayloadConverter,
            payload_codec=SealingCodec(keys, plain),
            failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
        )
        super().__init__(
            "spiral", data_converter=converter, workflow_runner=_sandboxed, interceptors=[SpareArguments()]
        )


class _Sandbox(SandboxedWorkflowRunner):
    """The SDK's sandbox, entered to run a workflow only, and not for each payload to ask whose it is."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """A run of a workflow in the sandbox."""
        return _KnownRun(super().create_instance(det))


class _KnownRun(WorkflowInstance):
    """A run of a workflow that says by itself whose a payload is, as far as that is known.

    The SDK asks several times for each payload; entering the sandbox each time was an eighth of what a worker did.
    """

    def __init__(self, inside: WorkflowInstance) -> None:
        self._inside = inside
        info = inside.get_info()
        self._own = WorkflowSerializationContext(namespace=info.namespace, workflow_id=info.workflow_id)
        self._of_commands: dict[Hashable, SerializationContext | None] = {}

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Runs it; which commands are open may change, and so whose a payload is."""
        self._of_commands.clear()
        return self._inside.activate(act)

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        """Whose the payload of a command is; the run's own where it belongs to none."""
        if command_info is None:
            return self._own
        if command_info not in self._of_commands:
            self._of_commands[command_info] = self._inside.get_serialization_context(command_info)
        return self._of_commands[command_info]

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:  # noqa: ARG002 - the SDK's
        """Nowhere: no payload is kept outside of the engine."""
        return StorageDriverStoreContext(target=None)

    def get_info(self) -> Info:
        """What the SDK knows of the run."""
        return self._inside.get_info()

    def get_thread_id(self) -> int | None:
        """Where it runs just now."""
        return self._inside.get_thread_id()


def _sandboxed(existing: WorkflowRunner | None) -> WorkflowRunner:
    given = existing.restrictions if isinstance(existing, SandboxedWorkflowRunner) else SandboxRestrictions.default
    return _Sandbox(restrictions=given.with_passthrough_modules(*PASSED_THROUGH))


async def connect(settings: Settings) -> Client:
    """Connect to the engine; wait up to `settings.connect_timeout` seconds for it, since services start in any order.

    The client has no key. Whose engine it is, is another question: see `engine.runtime.identity`.

    Answers only when the namespace is there too: a server may listen before it knows its namespaces.

    Raises:
        SetupError: it did not answer in time, or nobody said where it is; the line names address and namespace.
    """
    settings = with_sdk_variables(settings)
    if not settings.temporal_address:
        raise SetupError(
            *both(
                "nothing runs on {data_dir}: run `spiral up`, or set SPIRAL_TEMPORAL_ADDRESS",
                data_dir=settings.data_dir,
            ),
        )
    deadline = time.monotonic() + settings.connect_timeout
    pause = _FIRST_PAUSE
    while True:
        try:
            client = await Client.connect(
                settings.temporal_address, namespace=settings.temporal_namespace, **security(settings)
            )
            await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=settings.temporal_namespace)
            )
        except (RPCError, RuntimeError, OSError) as error:
            if time.monotonic() + pause > deadline:
                place = f"{settings.temporal_address} ({settings.temporal_namespace})"
                said = " ".join(str(error).split())[:200]
                raise SetupError(
                    *both("Temporal does not answer at {place}: {said}", place=place, said=said)
                ) from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return client


def build_id(settings: Settings) -> str:
    """Which code a worker runs: `SPIRAL_BUILD_ID`, else its checkout's commit, else the package version."""
    return settings.build_id or _commit() or _package_version()


@cache
def _commit() -> str | None:
    root = Path(engine.__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return None
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607 - git is wherever this machine keeps it
            cwd=root,
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None


def _package_version() -> str:
    try:
        return version("dx-spiral")
    except PackageNotFoundError:
        return "0+unknown"
