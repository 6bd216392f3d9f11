"""Prints what the workflow files ask of the engine, in order: a second net beside the histories that are replayed.

A history replays only if the same code asks for the same commands in the same order, and no recorded history goes
every way. `tests/workflows/replay/commands.txt` holds this outline of each workflow file with its hash; a test
compares them.

    python -m scripts.workflow_commands           # what differs from what was written down
    python -m scripts.workflow_commands --write   # writes it down, after every recorded history has replayed

What is seen: calls of Temporal's workflow API but for those that only look, timers and tasks of `asyncio`, signals
and cancellations, handlers, and every way from one function to another that leads there; not conditions and
time-outs.
"""

import argparse
import ast
import difflib
import hashlib
import importlib
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "tests/workflows/replay/commands.txt"
REPLAYS = "tests/workflows/replay/test_replay.py"
WRITE = "python -m scripts.workflow_commands --write"
ADVICE = f"""
What a workflow asks of the engine, or the order of it, has changed. Cycles run for months, on histories that the
code before has made; whoever replays them with this code must ask for the same. So, before this is written down:
  * a cycle that runs now may come here: put the new way behind `workflow.patched("…")`, keep the old one beside it,
    and record a history that goes the new way (tests/workflows/replay/record.py; what was recorded stays);
  * nothing that runs can come here, or the commands are the same and only functions have moved: nothing more;
  * in doubt: take the change back.
Then `{WRITE}`, which replays every recorded history first, and commit the file with the change.
"""
LOOKS = {
    "all_handlers_finished", "info", "logger", "now", "payload_converter", "set_current_details", "time", "unsafe",
}  # fmt: skip
"""Of `temporalio.workflow`: what asks the engine for nothing."""
TASKS = {"create_task", "sleep", "wait", "gather", "timeout", "wait_for"}
ON_HANDLES = {"cancel", "signal"}
SHAPES: dict[type[ast.AST], str] = {
    ast.AsyncFor: "for", ast.AsyncWith: "with", ast.ExceptHandler: "except", ast.For: "for", ast.If: "if",
    ast.IfExp: "if", ast.Lambda: "lambda", ast.Match: "match", ast.Try: "try", ast.While: "while", ast.With: "with",
    ast.BoolOp: "and/or", ast.match_case: "case",
}  # fmt: skip
ELSE = {"orelse": "else", "finalbody": "finally"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def outline(root: Path = ROOT) -> str:
    """The outline of every workflow file, each with its hash."""
    sources = {file: file.read_text(encoding="utf-8") for file in workflow_files(root)}
    return outline_of({f"workflows.{file.stem}": text for file, text in sources.items()}, _said_by_modules)


def workflow_files(root: Path = ROOT) -> list[Path]:
    """The files that run as part of a workflow."""
    found = sorted((root / "workflows").glob("*.py"))
    return [file for file in found if "\nfrom temporalio import workflow\n" in file.read_text(encoding="utf-8")]


def outline_of(sources: Mapping[str, str], said: Callable[[str, ast.expr], str]) -> str:
    """The outline of these modules.

    Args:
        sources: each module's text by its name.
        said: what an expression in a module stands for: the name of an activity, the words of a patch.
    """
    trees = {name: ast.parse(text) for name, text in sources.items()}
    leading = _leading(trees)
    parts = []
    for name, tree in trees.items():
        lines = [
            line
            for path, function in _functions(tree)
            for line in _of_function(path, function, partial(said, name), leading)
        ]
        if not lines:
            continue
        body = "\n".join(lines)
        parts.append(f"{name} {hashlib.sha256(body.encode()).hexdigest()}\n{body}\n")
    return "\n".join(parts)


def _leading(trees: Mapping[str, ast.Module]) -> frozenset[str]:
    """The names of all functions from which a command is reached."""
    functions = [
        (function.name, function)
        for tree in trees.values()
        for _, function in _functions(tree)
        if not any(_mark(one, ast.unparse) for one in function.decorator_list)  # the engine alone calls these
    ]
    found = frozenset[str]()
    while True:
        more = {name for name, function in functions if any(_inside(function.body, ast.unparse, found))}
        if more <= found:
            return found
        found |= more


def _functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    for node in tree.body:
        if isinstance(node, Function):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{one.name}", one) for one in node.body if isinstance(one, Function))


def _of_function(
    path: str, function: Function, said: Callable[[ast.expr], str], leading: frozenset[str]
) -> Iterator[str]:
    marks = [_mark(one, said) for one in function.decorator_list]
    inside = list(_inside(function.body, said, leading))
    if inside or any(marks):
        yield f"  {path}{''.join(mark for mark in marks if mark)}"
        yield from (f"    {line}" for line in inside)


def _mark(decorator: ast.expr, said: Callable[[ast.expr], str]) -> str | None:
    """What a handler is called by the engine."""
    call = decorator if isinstance(decorator, ast.Call) else None
    target = call.func if call else decorator
    if not ast.unparse(target).startswith("workflow."):
        return None
    name = next((f" {said(one.value)}" for one in call.keywords if one.arg == "name"), "") if call else ""
    return f" [{ast.unparse(target)}{name}]"


def _inside(nodes: Iterable[ast.AST], said: Callable[[ast.expr], str], leading: frozenset[str]) -> Iterator[str]:
    """The commands in these nodes, in the order of the source, set in under what surrounds them."""
    for node in nodes:
        children = [line for part in _parts(node) for line in _part(part, said, leading)]
        here = _command(node, said) or _way(node, leading)
        shape = SHAPES.get(type(node))
        if shape is not None and children:
            yield shape
            yield from (f"  {line}" for line in children)
        else:
            yield from children
        if here is not None:
            yield here


def _parts(node: ast.AST) -> Iterator[tuple[str, list[ast.AST]]]:
    for name, value in ast.iter_fields(node):
        yield name, [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, ast.AST)]


def _part(part: tuple[str, list[ast.AST]], said: Callable[[ast.expr], str], leading: frozenset[str]) -> Iterator[str]:
    name, nodes = part
    inside = list(_inside(nodes, said, leading))
    if name in ELSE and inside:
        yield ELSE[name]
        inside = [f"  {line}" for line in inside]
    yield from inside


def _command(node: ast.AST, said: Callable[[ast.expr], str]) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    found = None
    match node.func:
        case ast.Attribute(value=ast.Name(id="workflow"), attr="wait_condition"):
            found = "wait_condition" + " with a timer" * any(one.arg == "timeout" for one in node.keywords)
        case ast.Attribute(value=ast.Name(id="workflow"), attr="continue_as_new"):
            found = "continue_as_new"
        case ast.Attribute(value=ast.Name(id="asyncio"), attr=name) if name in TASKS:
            found = f"asyncio.{name}"
        case ast.Attribute(value=ast.Name(id="workflow"), attr=name) if name in LOOKS:
            pass
        case ast.Attribute(value=owner, attr=name) if name in ON_HANDLES or ast.unparse(owner) == "workflow":
            found = f"{name}({said(node.args[0]) if node.args else ''})"
    return found


def _way(node: ast.AST, leading: frozenset[str]) -> str | None:
    """A function that leads to a command, called or handed on."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name) if name in leading and isinstance(node.ctx, ast.Load):
            return f"-> {name}"
    return None


def _said_by_modules(module: str, expression: ast.expr) -> str:
    """What an expression is at run time, where that is a word or an activity; else its source."""
    source = ast.unparse(expression)
    try:
        value: Any = eval(source, vars(importlib.import_module(module)))  # noqa: S307 - our own source
    except Exception:  # noqa: BLE001 - it stands for something that is there only while a workflow runs
        return source
    activity = getattr(value, "__temporal_activity_definition", None)
    if activity is not None:
        return str(activity.name)
    return value if isinstance(value, str) else source


def differences(root: Path = ROOT, file: Path = FILE) -> list[str]:
    """What has changed since it was written down, as lines of a unified diff."""
    known = file.read_text(encoding="utf-8") if file.exists() else ""
    return list(
        difflib.unified_diff(known.splitlines(), outline(root).splitlines(), "written down", "now", lineterm="")
    )


def main(arguments: list[str]) -> int:
    """Prints the differences; with `--write` keeps them once every history has replayed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write down what is so now")
    asked = parser.parse_args(arguments)
    changed = differences()
    sys.stdout.writelines(f"{line}\n" for line in changed)
    if not asked.write or not changed:
        return 1 if changed else 0
    replays = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", REPLAYS]
    if subprocess.run(replays, cwd=ROOT, check=False).returncode:  # noqa: S603 - our own tests
        sys.stderr.write(
            "a recorded history does not replay: running cycles would break. Nothing was written down.\n"
        )
        return 1
    FILE.write_text(outline(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
