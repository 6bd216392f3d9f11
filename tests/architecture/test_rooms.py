"""The house: rooms by subject, none too full, each with a word at its door, and no circle between them."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

LAYERS = ("engine", "workflows", "activities", "api")
FLOORS = ("engine/domain", "engine/domain/moves", "engine/store", "engine/runtime", "api", "api/web", "api/cli")
"""Folders whose own modules serve the rooms inside them, or join these together: each module counts by itself."""
FULL = 15


def _modules(root: Path) -> dict[str, Path]:
    files = [file.relative_to(root) for layer in LAYERS for file in (root / layer).rglob("*.py")]
    return {".".join(file.with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def _imported(root: Path, file: Path, modules: Mapping[str, Path]) -> Iterator[Path]:
    """Our modules that a file imports while it is loaded or later; what only types need is left out."""
    nodes = list(ast.walk(ast.parse((root / file).read_text(encoding="utf-8"))))
    typing = {
        id(inner)
        for node in nodes
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in nodes:
        if id(node) in typing:
            continue
        if isinstance(node, ast.Import):
            yield from (modules[alias.name] for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if (found := modules.get(name, modules.get(node.module))) is not None:
                    yield found


def _room(file: Path) -> str:
    return file.as_posix() if file.parent.as_posix() in FLOORS else file.parent.as_posix()


def _arrows(root: Path) -> dict[str, set[str]]:
    modules, arrows = _modules(root), dict[str, set[str]]()
    for file in modules.values():
        here = _room(file)
        arrows.setdefault(here, set()).update(_room(other) for other in _imported(root, file, modules))
        arrows[here].discard(here)
    return arrows


def _in_circles(arrows: dict[str, set[str]]) -> set[str]:
    """What is left when whatever knows nobody, or is known by nobody, is taken away again and again."""
    left = {room: set(others) for room, others in arrows.items()}
    while True:
        known = set[str]().union(*left.values()) if left else set()
        gone = {room for room, others in left.items() if not (others & left.keys()) or room not in known}
        if not gone:
            return set(left)
        left = {room: others & left.keys() - gone for room, others in left.items() if room not in gone}


def test_no_circle_joins_two_rooms(root: Path) -> None:
    assert _in_circles(_arrows(root)) == set()


def test_a_circle_is_found_and_a_line_is_none() -> None:
    assert _in_circles({"a": {"b"}, "b": {"c"}, "c": set()}) == set()
    assert _in_circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == {"b", "c"}


def test_no_room_holds_more_modules_than_a_person_takes_in_at_a_glance(root: Path) -> None:
    rooms = {file.parent for file in _modules(root).values() if "versions" not in file.parts}
    full = {room.as_posix(): len(list((root / room).glob("*.py"))) - 1 for room in rooms}
    assert {room: count for room, count in full.items() if count > FULL} == {}


def test_each_room_says_at_its_door_what_lives_there(root: Path) -> None:
    doors = [file for file in _modules(root).values() if file.name == "__init__.py"]
    silent = [door.as_posix() for door in doors if not ast.get_docstring(ast.parse((root / door).read_text("utf-8")))]
    assert silent == []
    assert len(doors) > 50
