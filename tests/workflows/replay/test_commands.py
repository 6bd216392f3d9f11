"""What the workflow files ask of the engine is what was written down; what fails here says what to do."""

import inspect
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts import workflow_commands as commands
from tests.architecture.test_workflows_are_deterministic import PARTS
from workflows.registry import WORKFLOWS

CODE = """
class W:
    @workflow.run
    async def run(self, given):
        await self._first(given)
        if given.more:
            await workflow.execute_activity("b", given, start_to_close_timeout=LONG)
        await workflow.sleep(3)

    async def _first(self, given):
        await workflow.execute_local_activity("a", given)

    def _looks(self):
        return workflow.now()
"""


def outline(code: str) -> list[str]:
    return commands.outline_of({"w": code}, lambda _, one: one.value if hasattr(one, "value") else "?").splitlines()


def test_every_workflow_asks_the_engine_for_what_was_written_down_and_in_that_order() -> None:
    changed = commands.differences()
    assert changed == [], "\n".join([*changed, commands.ADVICE])


def test_every_file_that_runs_as_part_of_a_workflow_is_looked_at() -> None:
    seen = {file.resolve() for file in commands.workflow_files(commands.ROOT)}
    assert {Path(inspect.getfile(one)).resolve() for one in (*WORKFLOWS, *PARTS)} == seen


def test_the_outline_names_commands_handlers_and_the_ways_to_them_and_nothing_that_only_looks() -> None:
    assert outline(CODE)[1:] == [
        "  W.run [workflow.run]",
        "    -> _first",
        "    if",
        "      execute_activity(b)",
        "    sleep(3)",
        "  W._first",
        "    execute_local_activity(a)",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"b"', '"c"'),
        ("execute_local_activity", "execute_activity"),
        ("        await workflow.sleep(3)\n", ""),
        ("        if given.more:\n", "        while given.more:\n"),
        ("        if given.more:\n", "        if given.more:\n            pass\n        else:\n"),
        ("await self._first(given)\n", "await workflow.sleep(3)\n        await self._first(given)\n"),
        ("return workflow.now()", 'return workflow.patched("new")'),
        ("    def _looks", '    @workflow.signal(name="look")\n    def _looks'),
        ("await workflow.sleep(3)", "await workflow.wait_condition(f, timeout=3)"),
        ("await workflow.sleep(3)", "await self._handle.signal(3)"),
        ("await workflow.sleep(3)", "self._alarm = asyncio.create_task(asyncio.sleep(3))"),
    ],
)
def test_another_command_or_another_order_is_another_outline_with_another_hash(old: str, new: str) -> None:
    assert old in CODE
    before, after = outline(CODE), outline(CODE.replace(old, new, 1))
    assert before != after
    assert before[0] != after[0]


@pytest.mark.parametrize(
    ("old", "new"), [("given", "asked"), ("LONG", "LONGER"), ("workflow.now()", "workflow.info()")]
)
def test_what_the_engine_is_not_asked_for_changes_nothing(old: str, new: str) -> None:
    assert old in CODE
    assert outline(CODE.replace(old, new)) == outline(CODE)


def test_a_changed_order_in_a_real_file_is_shown_line_by_line(tmp_path: Path) -> None:
    written = tmp_path / "commands.txt"
    written.write_text(commands.outline().replace("(journal.append)", "(journal.write)"), encoding="utf-8")
    changed = commands.differences(file=written)
    assert "-      execute_local_activity_method(journal.write)" in changed
    assert "+      execute_local_activity_method(journal.append)" in changed


@pytest.mark.parametrize(("code", "kept"), [(0, True), (1, False)])
def test_nothing_is_written_down_while_a_recorded_history_does_not_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, *, kept: bool
) -> None:
    def replayed(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        assert command[-1] == commands.REPLAYS
        return subprocess.CompletedProcess(command, code)

    file = tmp_path / "commands.txt"
    monkeypatch.setattr(commands, "FILE", file)
    monkeypatch.setattr(subprocess, "run", replayed)
    monkeypatch.setattr(commands, "differences", lambda: ["+ new"])
    assert commands.main(["--write"]) == code
    assert file.exists() is kept
    assert commands.main([]) == 1
