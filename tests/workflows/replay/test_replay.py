"""Every history of a released version replays; a workflow whose order was changed on purpose does not."""

from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from engine.contracts import cycle as wire
from engine.runtime.plugin import SpiralPlugin
from tests.workflows.replay import outgoing
from tests.workflows.replay.keys import KEYS, workflow_of
from tests.workflows.replay.record import record, returned_and_held
from tests.workflows.replay.reordered import (
    ReorderedCycleWorkflow,
    ReorderedDeliveryWorkflow,
    ReorderedMilestonesWorkflow,
    ReorderedNoticesWorkflow,
)
from workflows.registry import WORKFLOWS

PLUGIN = SpiralPlugin(KEYS, lambda _: True)
"""The first were recorded before payloads were sealed."""
HISTORIES = sorted(Path(__file__).parent.glob("v*/*.json"))


def history_of(file: Path) -> WorkflowHistory:
    text = file.read_text(encoding="utf-8")
    return WorkflowHistory.from_json(workflow_id=workflow_of(text, file.stem), history=text)


def test_there_is_a_history_of_every_version_and_of_every_way_a_workflow_can_go() -> None:
    assert {(file.parent.name, file.stem) for file in HISTORIES} >= {
        (f"v{number}", name)
        for number in range(1, wire.DEFINITION + 1)
        for name in (
            "whole_turn",
            "returned_and_held",
            "signalled_and_refused",
            "continued",
            "joins_another",
            "joined",
            "joined_too_late",
            *(scenario.__name__ for scenario in outgoing.SCENARIOS),
        )
    }


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: f"{file.parent.name}-{file.stem}")
async def test_a_recorded_history_replays(file: Path) -> None:
    result = await Replayer(workflows=WORKFLOWS, plugins=[PLUGIN]).replay_workflow(history_of(file))
    assert result.replay_failure is None


async def test_what_is_recorded_today_can_be_replayed_by_anybody(temporal: Client, tmp_path: Path) -> None:
    await record(temporal, tmp_path, (returned_and_held,))
    file = tmp_path / "returned_and_held.json"
    history = history_of(file)
    assert history.workflow_id != file.stem
    result = await Replayer(workflows=WORKFLOWS, plugins=[PLUGIN]).replay_workflow(history)
    assert result.replay_failure is None


@pytest.mark.parametrize(
    ("name", "reordered"),
    [
        ("whole_turn", ReorderedCycleWorkflow),
        ("delivery_tried_again_and_removed", ReorderedDeliveryWorkflow),
        ("notices_sent_and_tried_again", ReorderedNoticesWorkflow),
        ("milestones_reminded_late_done_and_dropped", ReorderedMilestonesWorkflow),
    ],
)
async def test_a_workflow_whose_order_was_changed_does_not_replay(name: str, reordered: type) -> None:
    file = next(file for file in HISTORIES if file.stem == name)
    open_sandbox = SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(
            "engine", "tests", "workflows", "activities"
        )
    )
    replayer = Replayer(workflows=[reordered], plugins=[PLUGIN], workflow_runner=open_sandbox)
    with pytest.raises(workflow.NondeterminismError):
        await replayer.replay_workflow(history_of(file))
