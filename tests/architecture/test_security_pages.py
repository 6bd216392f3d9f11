"""The pages on security: every requirement of the standard stands once, and every test that is named exists."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
"""How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has; they are always its first ones."""
STATES = ("tested", "stated", "design", "partly", "open", "city", "n/a")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+)(?:–(\d+\.\d+\.\d+))? \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def page(root: Path, name: str) -> str:
    return (root / "docs" / "security" / f"{name}.md").read_text(encoding="utf-8")


def rows(text: str) -> list[tuple[list[str], str, str]]:
    """The ids, the state and the last column of each line of the list."""
    return [(list(_ids(one[1], one[2])), one[4].strip(), one[5].strip()) for one in ROW.finditer(text)]


def _ids(first: str, last: str | None) -> Iterator[str]:
    section, _, start = first.rpartition(".")
    for number in range(int(start), int((last or first).rpartition(".")[2]) + 1):
        yield f"{section}.{number}"


def absent(text: str, root: Path) -> list[str]:
    """The tests that `text` names and that are not there."""
    return [f"{path}::{name}" for path, name in NAMED.findall(text) if name not in _tests(root / path)]


@cache
def _tests(file: Path) -> set[str]:
    if not file.is_file():
        return set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        one.name
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name.startswith("test_")
    }


def test_every_requirement_of_level_two_stands_in_the_list_once(root: Path) -> None:
    wanted = [f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]
    assert len(wanted) == 253
    assert [one for ids, _, _ in rows(page(root, "asvs")) for one in ids] == wanted


def test_every_line_has_a_state_and_what_that_state_asks_for(root: Path) -> None:
    for ids, state, why in rows(page(root, "asvs")):
        assert state in STATES, ids
        assert why, ids
        if state == "tested":
            assert NAMED.search(why), f"{ids} names no test"
        if state == "stated":
            assert "](" in why, f"{ids} leads to no page"
        if state in {"partly", "open", "city"}:
            assert len(NAMED.sub("", why)) >= 15, f"{ids} does not say what is missing"


def test_the_sums_above_the_list_are_those_of_its_lines(root: Path) -> None:
    text = page(root, "asvs")
    said = {name: int(count) for name, count in re.findall(r"^\| ([\w/]+) \| [^|]+ \| (\d+) \|$", text, re.MULTILINE)}
    counted = Counter(state for ids, state, _ in rows(text) for _ in ids)
    assert said == {state: counted[state] for state in STATES}


@pytest.mark.parametrize("name", ["asvs", "threat-model", "inventory"])
def test_every_test_that_a_page_on_security_names_is_there(root: Path, name: str) -> None:
    text = page(root, name)
    assert absent(text, root) == []
    assert text.count("::test_") == len(NAMED.findall(text)), "every test is named by its whole path"


def test_what_the_threat_model_calls_unguarded_is_so_in_the_list(root: Path) -> None:
    states = {one: state for ids, state, _ in rows(page(root, "asvs")) for one in ids}
    unguarded = page(root, "threat-model").partition("## What is not guarded")[2]
    named = [one for one in re.findall(r"\d+\.\d+\.\d+", unguarded) if one in states]
    assert named
    assert {one: states[one] for one in named if states[one] not in {"open", "partly"}} == {}


def test_each_attacker_has_a_part_with_what_is_not_guarded_or_not_shown(root: Path) -> None:
    text = page(root, "threat-model").partition("## Who attacks")[2].partition("\n## ")[0]
    for who in (
        "An outsider on the network", "A citizen", "A member of staff", "A manager", "An administrator",
        "The operator of the database", "The operator of Temporal",
    ):  # fmt: skip
        part = re.search(rf"^\*\*{who}\*\*.*?(?=^\*\*|\Z)", text, re.MULTILINE | re.DOTALL)
        assert part, who
        assert NAMED.search(part[0]), who


def test_a_test_that_is_not_there_is_found(root: Path) -> None:
    here = "tests/architecture/test_security_pages.py"
    assert absent(f"`{here}::test_nothing_of_this_name`", root) == [f"{here}::test_nothing_of_this_name"]
    assert absent(f"`{here}::test_a_test_that_is_not_there_is_found`", root) == []
    assert absent("`tests/nowhere.py::test_x`", root) == ["tests/nowhere.py::test_x"]
