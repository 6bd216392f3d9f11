"""A class is found by its name: no two share one."""

import ast
from collections import defaultdict
from pathlib import Path

ROOMS = ("engine", "workflows", "activities", "api")


def shared(named: dict[str, str]) -> dict[str, list[str]]:
    """Class names that several of the files define, by file; one with an underscore in front is a file's own."""
    homes: dict[str, list[str]] = defaultdict(list)
    for file, code in named.items():
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(file)
    return {name: files for name, files in homes.items() if len(files) > 1}


def test_no_two_classes_share_a_name(root: Path) -> None:
    files = [file for room in ROOMS for file in sorted((root / room).rglob("*.py"))]
    assert len(files) > 100
    assert shared({str(file.relative_to(root)): file.read_text(encoding="utf-8") for file in files}) == {}


def test_a_shared_name_is_found() -> None:
    code = "class Place: ...\nclass _Own: ..."
    assert shared({"a.py": code, "b.py": code, "c.py": "class Other: ..."}) == {"Place": ["a.py", "b.py"]}
