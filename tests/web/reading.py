"""The page as a screen reader has it: Chromium's accessibility tree, flat and in order."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.async_api import Page

LANDMARKS = {"banner", "navigation", "main", "complementary", "contentinfo", "region", "search"}
NAMED = {
    "button", "link", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "spinbutton", "Date", "img",
    "image", "graphics-document", "progressbar", "table", "region", "navigation", "complementary", "dialog",
    "DisclosureTriangle",
}  # fmt: skip
"""Roles that say nothing without a name; a group that only folds is called by its summary instead."""


@dataclass(frozen=True)
class Heard:
    """One thing that is read out."""

    role: str
    name: str
    level: int | None
    inside: tuple[str, ...]
    """Roles around it, the outermost first."""


async def heard(page: Page) -> list[Heard]:
    """Everything, in the order of reading."""
    line = await page.context.new_cdp_session(page)
    await line.send("Accessibility.enable")
    answer = await line.send("Accessibility.getFullAXTree")
    await line.detach()
    nodes = {one["nodeId"]: one for one in answer["nodes"]}
    root = next(one for one in answer["nodes"] if "parentId" not in one)
    return list(_walk(root, nodes, ()))


def _walk(node: Any, nodes: dict[str, Any], inside: tuple[str, ...]) -> Iterator[Heard]:
    role = str(node.get("role", {}).get("value", ""))
    if not node.get("ignored"):
        level = next((one["value"]["value"] for one in node.get("properties", ()) if one["name"] == "level"), None)
        yield Heard(role, str(node.get("name", {}).get("value", "")).strip(), level, inside)
        inside = (*inside, role)
    for child in node.get("childIds", ()):
        if child in nodes:
            yield from _walk(nodes[child], nodes, inside)


def faults(found: Sequence[Heard]) -> list[str]:
    """What a listener would stumble over."""
    return [*_headings(found), *_landmarks(found), *_names(found), *_tables(found)]


def _headings(found: Sequence[Heard]) -> Iterator[str]:
    levels = [(one.level or 0, one.name) for one in found if one.role == "heading"]
    if sum(level == 1 for level, _ in levels) != 1:
        yield f"{sum(level == 1 for level, _ in levels)} headings of level 1"
    if levels and levels[0][0] != 1:
        yield f"the first heading is {levels[0]}"
    for (before, _), (level, name) in pairwise(levels):
        if level > before + 1:
            yield f"heading {name!r} jumps from level {before} to {level}"


def _landmarks(found: Sequence[Heard]) -> Iterator[str]:
    counts = Counter((one.role, one.name) for one in found if one.role in LANDMARKS)
    for wanted in ("banner", "main", "contentinfo"):
        if sum(count for (role, _), count in counts.items() if role == wanted) != 1:
            yield f"not one {wanted}"
    for (role, name), count in counts.items():
        if count > 1:
            yield f"{count} × {role} {name!r}"


def _names(found: Sequence[Heard]) -> Iterator[str]:
    for one in found:
        if one.role in NAMED and not one.name:
            yield f"{one.role} without a name in {one.inside[-3:]}"


def _tables(found: Sequence[Heard]) -> Iterator[str]:
    for index, one in enumerate(found):
        if one.role != "table":
            continue
        rest = found[index + 1 :]
        depth = len(one.inside)
        end = next((at for at, each in enumerate(rest) if len(each.inside) <= depth), len(rest))
        roles = Counter(each.role for each in rest[:end])
        if not roles["columnheader"]:
            yield f"table {one.name!r} without column headers"
        if any(each.role == "columnheader" and not each.name for each in rest[:end]):
            yield f"table {one.name!r} has a column without a header"
