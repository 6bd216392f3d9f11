"""A test that cannot fail, is skipped, or is never collected is worse than none: it is believed."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

Function = ast.FunctionDef | ast.AsyncFunctionDef
CHECKING = re.compile(r"(^|_)(assert|raises|warns|expect|expects|refused|fail|verify|check|must)", re.IGNORECASE)
SWITCHED_OFF = ("skip", "skipif", "xfail", "importorskip")


def _test_files(root: Path) -> list[Path]:
    return sorted((root / "tests").rglob("*.py"))


@cache
def _nodes(code: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(code)))


def _functions(code: str) -> Iterator[Function]:
    yield from (node for node in _nodes(code) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def _called(function: Function) -> set[str]:
    names = set()
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
                names.add(name)
    return names


def _checks(function: Function, helpers: dict[str, Function], seen: frozenset[str] = frozenset()) -> bool:
    """Whether it asserts, itself or through a function of the same file."""
    if any(isinstance(node, ast.Assert) for node in ast.walk(function)):
        return True
    called = _called(function)
    if any(CHECKING.search(name) for name in called):
        return True
    return any(_checks(helpers[name], helpers, seen | {name}) for name in called & helpers.keys() - seen)


def toothless(code: str) -> list[str]:
    """The test functions in `code` that check nothing."""
    helpers = {function.name: function for function in _functions(code)}
    return [name for name, function in helpers.items() if name.startswith("test_") and not _checks(function, helpers)]


def switched_off(code: str) -> list[str]:
    """Marks and calls in `code` that keep a test from running or from failing."""
    found = []
    for node in _nodes(code):
        match node:
            case ast.Attribute(value=ast.Name(id="pytest"), attr=name) if name in SWITCHED_OFF:
                found.append(f"line {node.lineno}: pytest.{name}")
            case ast.Attribute(value=ast.Attribute(attr="mark"), attr=name) if name in SWITCHED_OFF:
                found.append(f"line {node.lineno}: mark.{name}")
            case ast.Name(id="collect_ignore" | "collect_ignore_glob" | "__test__", ctx=ast.Store()):
                found.append(f"line {node.lineno}: {node.id}")
    return found


def test_every_test_can_fail(root: Path) -> None:
    found = {str(file.relative_to(root)): toothless(file.read_text(encoding="utf-8")) for file in _test_files(root)}
    assert {name: tests for name, tests in found.items() if tests} == {}


NEEDING_MORE = {"tests/cluster/conftest.py", "tests/openid/conftest.py"}
"""They need Go or Node.js, and say in words where these are missing."""


def test_no_test_is_switched_off(root: Path) -> None:
    found = {
        str(file.relative_to(root)): switched_off(file.read_text(encoding="utf-8"))
        for file in _test_files(root)
        if str(file.relative_to(root)) not in NEEDING_MORE
    }
    assert {name: marks for name, marks in found.items() if marks} == {}


def test_every_file_with_tests_is_collected(root: Path) -> None:
    with_tests = {
        file
        for file in _test_files(root)
        if any(function.name.startswith("test_") for function in _functions(file.read_text("utf-8")))
    }
    assert {str(file.relative_to(root)) for file in with_tests if not file.name.startswith("test_")} == set()
    assert with_tests, "there are tests to look at"


def test_no_two_tests_of_a_file_share_a_name(root: Path) -> None:
    twice = []
    for file in _test_files(root):
        for scope in _nodes(file.read_text(encoding="utf-8")):
            if not isinstance(scope, (ast.Module, ast.ClassDef)):
                continue
            names = [node.name for node in scope.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
            twice += [f"{file.name}: {name}" for name in set(names) if names.count(name) > 1 and "test_" in name]
    assert twice == []


@pytest.mark.parametrize(
    "code",
    [
        "def test_a():\n    1 + 1",
        "async def test_a():\n    await work()",
        "def test_a():\n    helper()\ndef helper(): ...",
    ],
)
def test_a_test_without_a_check_is_found(code: str) -> None:
    assert toothless(code) == ["test_a"]


def test_a_check_in_a_helper_counts() -> None:
    assert toothless("def test_a():\n    helper()\ndef helper():\n    assert work()") == []


def test_a_skip_is_found() -> None:
    assert switched_off("import pytest\n@pytest.mark.skipif(True, reason='x')\ndef test_a():\n    assert 1")
    assert switched_off("import pytest\ndef test_a():\n    pytest.skip('x')")
