"""The one Temporal plugin, shared by client, worker and replayer, and the one way to connect.

Payloads are pydantic's, sealed with the installation's key. The sandbox stays on with only `engine` passed through,
since an AST test holds the purity of what the sandbox does not watch. Must not know any workflow or activity.
"""

import asyncio
import dataclasses
import subprocess
import time
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.plugin import SimplePlugin
from temporalio.service import RPCError
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

import engine
from engine.language.catalogues import both
from engine.runtime.connection import security, with_sdk_variables
from engine.runtime.problems import SetupError
from engine.runtime.sealing import KeyRing, SealedPayloadConverter, SealingCodec, nobody
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
        converter = DataConverter(
            payload_converter_class=SealedPayloadConverter,
            payload_codec=SealingCodec(keys, plain),
            failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
        )
        super().__init__(
            "spiral", data_converter=converter, workflow_runner=_sandboxed, interceptors=[SpareArguments()]
        )


def _sandboxed(existing: WorkflowRunner | None) -> WorkflowRunner:
    if isinstance(existing, SandboxedWorkflowRunner):
        widened = existing.restrictions.with_passthrough_modules(*PASSED_THROUGH)
        return dataclasses.replace(existing, restrictions=widened)
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))


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
