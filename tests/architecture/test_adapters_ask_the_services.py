"""Pages and routes ask the services: what is read, for whom and by which rule, stands in one place for both."""

import ast
from collections.abc import Iterator
from pathlib import Path

ADAPTERS = ("api/web", "api/routes")
MAY_BE_ASKED = {
    "settings": "how the installation is set up",
    "directory": "who people are and which day it is; below, what of it",
    "gateway": "the one door of commands; it reads nothing for a person",
    "feed": "news for open pages",
    "readiness": "whether the database answers",
    "differences": "where record and engine differ, which is nobody's",
    "visits": "sessions of pages",
    "sign_ins": "what the provider has said",
    "openid": "the provider",
}
"""What of the application an adapter may ask by itself. None of it is a question about cycles, cases or figures."""
OF_THE_DIRECTORY = {"now", "facts", "allowed"}
HONEST = {("api/web/frame/once.py", "database"): "a form's key is claimed before anybody knows what it asks for"}
"""Where an adapter does otherwise, and why."""


def _asked(code: str) -> Iterator[str]:
    """Every part of the application that a module names: `desk.reader`, however it came by the desk."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value
        name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
        if name == "desk":
            yield node.attr
        elif name == "directory" and node.attr not in OF_THE_DIRECTORY:
            yield f"directory.{node.attr}"


def test_pages_and_routes_read_through_the_services(root: Path) -> None:
    files = [file for folder in ADAPTERS for file in sorted((root / folder).rglob("*.py"))]
    found = {
        (file.relative_to(root).as_posix(), part)
        for file in files
        for part in _asked(file.read_text(encoding="utf-8"))
        if part not in MAY_BE_ASKED
    }
    assert len(files) > 100
    assert found == set(HONEST)


def test_reading_around_the_services_is_found() -> None:
    code = "def page(visit, desk):\n    found = visit.desk.reader.state('x'), desk.directory.state\n    desk.settings"
    assert sorted(_asked(code)) == ["directory", "directory.state", "reader", "settings"]
