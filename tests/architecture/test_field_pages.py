"""What docstrings cite is here to be read, and the glossary points at what is there."""

import re
from pathlib import Path

ROOMS = ("engine", "workflows", "activities", "api", "tests")


def _code(root: Path) -> dict[str, str]:
    files = (file for room in ROOMS for file in (root / room).rglob("*.py"))
    return {str(file.relative_to(root)): file.read_text(encoding="utf-8") for file in files}


def test_every_page_that_code_cites_is_there(root: Path) -> None:
    cited = {
        (name, page) for name, code in _code(root).items() for page in re.findall(r"docs/[a-z]+/[a-z0-9-]+\.md", code)
    }
    assert len(cited) > 30
    assert {(name, page) for name, page in cited if not (root / page).exists()} == set()


def test_no_docstring_cites_a_page_outside_the_repository(root: Path) -> None:
    elsewhere = re.compile(r"(?<![/\w-])(?:" + "field|contract|" + r"architecture)\.md")
    assert [name for name, code in _code(root).items() if elsewhere.search(code)] == []


def test_what_the_glossary_points_at_is_there(root: Path) -> None:
    page = (root / "docs/field/glossary.md").read_text(encoding="utf-8")
    homes = re.findall(r"`((?:engine|api)(?:\.[a-z_]+)+)`", page) + re.findall(r"`(api\.[a-z_.]+)`", page)
    assert len(homes) > 15
    missing = [
        home for home in homes
        if not (root / home.replace(".", "/")).is_dir() and not (root / f"{home.replace('.', '/')}.py").is_file()
    ]  # fmt: skip
    assert missing == []
