"""The sandbox does not watch what is passed through: this keeps clock, chance and the world out of the core."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

STDLIB = {
    "__future__", "abc", "base64", "bisect", "collections", "contextlib", "copy", "dataclasses", "datetime",
    "decimal", "difflib", "enum", "fractions", "functools", "hashlib", "heapq", "itertools", "json", "math",
    "operator", "re", "statistics", "string", "textwrap", "types", "typing", "unicodedata", "uuid",
}  # fmt: skip
WORLD = {
    "asyncio", "glob", "http", "io", "locale", "logging", "multiprocessing", "os", "pathlib", "platform", "random",
    "secrets", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time",
    "urllib", "zoneinfo",
}  # fmt: skip
CALLS = {"open", "print", "input", "exec", "eval", "compile", "breakpoint", "__import__"}
CLOCK = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
CHANCE = {("uuid", "uuid1"), ("uuid", "uuid4"), ("uuid", "getnode")}
FROM_CHANCE = {"uuid1", "uuid4", "getnode"}


def _imported(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(module), level=0):
            yield module


def _wrong_calls(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            yield f"calls {name}"
        case (
            ast.Attribute(value=ast.Name(id=owner), attr=attr)
            | ast.Attribute(value=ast.Attribute(attr=owner), attr=attr)
        ) if (owner, attr) in CLOCK | CHANCE:
            yield f"uses {owner}.{attr}"
        case ast.ImportFrom(module="uuid", names=names):
            yield from (f"imports {alias.name}" for alias in names if alias.name in FROM_CHANCE)


def impurities(code: str, ours: frozenset[str], *, only_known: bool) -> list[str]:
    """What in `code` reaches out of it; `only_known` refuses every import that is not on the list."""
    found = []
    for node in ast.walk(ast.parse(code)):
        reasons = list(_wrong_calls(node))
        for name in _imported(node):
            top = name.partition(".")[0]
            allowed = top in STDLIB | {"pydantic", "pydantic_core"} or any(
                name == room or name.startswith(f"{room}.") for room in ours
            )
            if top in WORLD or (only_known and not allowed):
                reasons.append(f"imports {name}")
        found += [f"line {getattr(node, 'lineno', 0)}: {reason}" for reason in reasons]
    return found


def _in(folder: Path, ours: frozenset[str], *, only_known: bool) -> list[str]:
    return [
        f"{file.relative_to(folder)}: {wrong}"
        for file in sorted(folder.rglob("*.py"))
        for wrong in impurities(file.read_text(encoding="utf-8"), ours, only_known=only_known)
    ]


def test_the_domain_reaches_for_nothing_but_the_standard_librarys_pure_part_and_pydantic(root: Path) -> None:
    domain = root / "engine" / "domain"
    assert list(domain.rglob("*.py")), "there is a domain to look at"
    assert _in(domain, frozenset({"engine.domain"}), only_known=True) == []


def test_the_contracts_have_no_clock_no_chance_and_no_world(root: Path) -> None:
    ours = frozenset({"engine.domain", "engine.contracts"})
    assert _in(root / "engine" / "contracts", ours, only_known=False) == []


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import datetime\nat = datetime.now()",
        "import datetime\nat = datetime.datetime.utcnow()",
        "from datetime import date\nday = date.today()",
        "from datetime import datetime\nclock = datetime.now",
        "import time",
        "import random",
        "from secrets import token_hex",
        "from uuid import uuid4",
        "import uuid\nkey = uuid.uuid4()",
        "text = open('x').read()",
        "import os.path",
        "from pathlib import Path",
        "import socket",
        "import subprocess",
        "def show():\n    print('x')",
        "from engine.store import tables",
        "import temporalio",
        "def late():\n    import sqlalchemy",
    ],
)
def test_the_checker_sees_what_is_not_pure(code: str) -> None:
    assert impurities(code, frozenset({"engine.domain"}), only_known=True)


@pytest.mark.parametrize(
    "code",
    [
        "import hashlib\nprint_of = hashlib.sha256(b'x').hexdigest()",
        "from uuid import uuid5",
        "from datetime import UTC, datetime\nat = datetime(2026, 4, 1, tzinfo=UTC)",
        "from pydantic import BaseModel",
        "from engine.domain.steps import Step",
    ],
)
def test_the_checker_leaves_pure_code_alone(code: str) -> None:
    assert impurities(code, frozenset({"engine.domain"}), only_known=True) == []
