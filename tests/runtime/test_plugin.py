import re
import time
from pathlib import Path
from unittest.mock import Mock

import pytest
from pydantic import BaseModel
from temporalio import workflow
from temporalio.client import ClientConfig
from temporalio.worker import (
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkerConfig,
    WorkflowInstance,
    WorkflowInstanceDetails,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from engine.runtime import ports
from engine.runtime.plugin import SpiralPlugin, build_id, connect
from engine.runtime.problems import SetupError
from engine.runtime.sealing import KeyRing, SealingCodec
from engine.runtime.settings import load_settings

KEYLESS = Mock(**{"config.return_value": {}})
KEYS = KeyRing(("k" * 32,), "0" * 12)


class Idea(BaseModel):
    text: str


@workflow.defn
class Nothing:
    @workflow.run
    async def run(self, idea: Idea) -> Idea:
        return idea


@pytest.mark.parametrize("given", [None, SandboxedWorkflowRunner(), UnsandboxedWorkflowRunner()])
def test_the_sandbox_stays_on_and_lets_only_the_engine_through(given: object) -> None:
    config = SpiralPlugin(KEYS).configure_worker(WorkerConfig(workflow_runner=given, client=KEYLESS))  # type: ignore[typeddict-item]
    runner = config["workflow_runner"]
    assert isinstance(runner, SandboxedWorkflowRunner)
    default = SandboxRestrictions.default
    assert runner.restrictions.passthrough_modules - default.passthrough_modules == {"engine"}
    assert not runner.restrictions.passthrough_all_modules
    assert runner.restrictions.invalid_module_members == default.invalid_module_members


def test_client_and_replayer_speak_with_the_same_converter() -> None:
    plugin = SpiralPlugin(KEYS)
    converter = plugin.configure_client(ClientConfig())["data_converter"]
    assert isinstance(converter.payload_codec, SealingCodec)
    config = Replayer(workflows=[Nothing], plugins=[plugin]).config(active_config=True)
    assert config["data_converter"] == converter
    assert isinstance(config["workflow_runner"], SandboxedWorkflowRunner)


async def test_a_run_says_whose_its_payloads_are_as_the_sdk_does_and_is_asked_once_for_each_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs: list[WorkflowInstance] = []
    made = SandboxedWorkflowRunner.create_instance

    def kept(runner: SandboxedWorkflowRunner, details: WorkflowInstanceDetails) -> WorkflowInstance:
        runs.append(made(runner, details))
        return runs[-1]

    monkeypatch.setattr(SandboxedWorkflowRunner, "create_instance", kept)
    runner = SpiralPlugin(KEYS).configure_worker(WorkerConfig(client=KEYLESS))["workflow_runner"]
    through = type(runner).create_instance
    monkeypatch.setattr(type(runner), "create_instance", lambda *given: runs.append(through(*given)))
    runner.prepare_workflow(workflow._Definition.must_from_class(Nothing))
    by_the_sdk, ours = runs
    assert ours.get_info() == by_the_sdk.get_info()
    assert ours.get_serialization_context(None) == by_the_sdk.get_serialization_context(None) is not None
    asked = Mock(side_effect=["of one", None, "of another"])
    monkeypatch.setattr(by_the_sdk, "get_serialization_context", asked)
    told = [ours.get_serialization_context(command) for command in ("one", "one", "none", "none")]  # type: ignore[arg-type]
    assert (told, asked.call_count) == (["of one", "of one", None, None], 2)
    monkeypatch.setattr(by_the_sdk, "activate", Mock())
    ours.activate(Mock())
    assert ours.get_serialization_context("one") == "of another"  # type: ignore[arg-type]


def test_the_build_is_named_by_its_code_and_never_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert build_id(settings) == build_id(settings)
    assert re.fullmatch(r"[0-9a-f]{12}|\d+(\.\d+)*", build_id(settings))
    assert build_id(load_settings(build_id="release-7")) == "release-7"


async def test_an_engine_that_never_answers_is_one_line_with_its_address(tmp_path: Path) -> None:
    address = f"127.0.0.1:{ports.any_free('127.0.0.1')}"
    began = time.monotonic()
    with pytest.raises(SetupError, match=re.escape(address)) as caught:
        await connect(load_settings(tmp_path, temporal_address=address, connect_timeout=0.5))
    assert time.monotonic() - began < 3
    assert "\n" not in str(caught.value)
