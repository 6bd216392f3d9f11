"""What the sandbox watches while workflow code runs, held beforehand and where no test goes (ADR 0030)."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.architecture.test_domain_is_pure import impurities
from workflows import following, journal_writer, reading, signals
from workflows.registry import WORKFLOWS

PARTS = (following, journal_writer, reading, signals)
"""Modules that run as part of a workflow."""
ROOMS = frozenset({"activities", "asyncio", "engine.contracts", "engine.domain", "temporalio"}) | {
    part.__name__ for part in PARTS
}
FROM_TEMPORAL = {"temporalio", "temporalio.common", "temporalio.exceptions", "temporalio.workflow"}
ASYNCIO = {"Task", "create_task", "sleep"}
"""What the workflow's own event loop does in the same order every time."""
FIXED = (ast.Constant, ast.Call, ast.Name, ast.Attribute, ast.Tuple)


def indeterminacies(code: str) -> list[str]:
    """What could come out otherwise when the same history is replayed, or leak from one run into another."""
    tree = ast.parse(code)
    found = [wrong for wrong in impurities(code, ROOMS, only_known=True) if not wrong.endswith("imports asyncio")]
    for node in ast.walk(tree):
        found += [f"line {getattr(node, 'lineno', 0)}: {wrong}" for wrong in _wrong(node)]
    return found + [f"line {node.lineno}: changeable, and shared by every run" for node in tree.body if _shared(node)]


def _wrong(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.ImportFrom(module=str(module)) if module.startswith("temporalio") and module not in FROM_TEMPORAL:
            yield f"imports {module}"
        case ast.ImportFrom(module="asyncio"):
            yield "imports from asyncio"
        case ast.Attribute(value=ast.Name(id="asyncio"), attr=attr) if attr not in ASYNCIO:
            yield f"uses asyncio.{attr}"
        case ast.Attribute(value=ast.Name(id="workflow"), attr="unsafe"):
            yield "uses workflow.unsafe"
        case ast.Name(id="id" | "hash" | "set" | "frozenset" as name):
            yield f"uses {name}"
        case ast.Set() | ast.SetComp():
            yield "makes a set, whose order is not the same every time"
        case ast.Global():
            yield "changes what every run shares"


def _shared(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return not isinstance(value, FIXED)
        case _:
            return False


@pytest.mark.parametrize("code", [*WORKFLOWS, *PARTS], ids=lambda one: one.__name__)
def test_a_workflow_reaches_for_nothing_that_could_be_otherwise_when_it_is_replayed(code: type | ModuleType) -> None:
    assert indeterminacies(Path(inspect.getfile(code)).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import datetime\nat = datetime.now()",
        "import time",
        "from uuid import uuid4",
        "import random",
        "import os",
        "import httpx",
        "from engine.store.record.journal import Journal",
        "from workflows.upkeep.waking import wake_notices",
        "from temporalio.client import Client",
        "import asyncio\nasync def f():\n    await asyncio.wait([])",
        "import asyncio\nasync def f():\n    await asyncio.to_thread(f)",
        "from asyncio import wait",
        "seen = {}",
        "seen: list[str] = []",
        "def f(given):\n    return [one for one in set(given)]",
        "def f():\n    return {1, 2}",
        "def f():\n    global seen",
        "def f(given):\n    return hash(given)",
        "from temporalio import workflow\nwith workflow.unsafe.imports_passed_through():\n    pass",
    ],
)
def test_the_checker_sees_what_is_not_deterministic(code: str) -> None:
    assert indeterminacies(code)
