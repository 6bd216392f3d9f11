"""The guide names every command there is, and no page promises one there is not."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest
import typer.main

from api.cli.main import app

SAID = re.compile(r"(?:\.venv/bin/|`|\$\s|\(|^)spiral ((?:[a-z-]+)(?: [a-z-]+)?)", re.MULTILINE)
PAGES = ("README.md", "README.ja.md", "CONTRIBUTING.md", "docs/guides")


class Parameter(Protocol):
    """What is asked of a parameter; typer brings its own copy of click, so click's types do not fit."""

    opts: list[str]


class Command(Protocol):
    @property
    def params(self) -> Sequence[Parameter]: ...


def _paths(command: Command, so_far: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
    children: Mapping[str, Command] | None = getattr(command, "commands", None)
    if children is None:
        yield so_far, command
        return
    for name, child in children.items():
        yield from _paths(child, (*so_far, name))


@pytest.fixture(scope="module")
def commands() -> dict[str, Command]:
    return {" ".join(path): command for path, command in _paths(typer.main.get_command(app))}


def _pages(root: Path) -> Iterator[Path]:
    for name in PAGES:
        page = root / name
        yield from sorted(page.glob("*.md")) if page.is_dir() else [page]


def test_every_command_stands_in_the_guide(root: Path, commands: dict[str, Command]) -> None:
    guide = (root / "docs/guides/commands.md").read_text(encoding="utf-8")
    assert {name for name in commands if f"`spiral {name}" not in guide} == set()


def test_every_option_stands_in_the_guide(root: Path, commands: dict[str, Command]) -> None:
    guide = (root / "docs/guides/commands.md").read_text(encoding="utf-8")
    options = {
        (name, option)
        for name, command in commands.items()
        for parameter in command.params
        if getattr(parameter, "param_type_name", "") == "option"
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    }
    assert {f"{name} {option}" for name, option in options if option not in guide} == set()


def test_no_page_promises_a_command_that_is_not_there(root: Path, commands: dict[str, Command]) -> None:
    groups = {name.partition(" ")[0] for name in commands}
    promised = {
        f"{page.name}: spiral {words}"
        for page in _pages(root)
        for words in SAID.findall(page.read_text(encoding="utf-8"))
        if words not in commands and (words.partition(" ")[0] not in commands)
    }
    assert promised == set(), f"there are {sorted(groups)}"
