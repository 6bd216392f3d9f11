"""`spiral versions`, `spiral diff` and what else reads the record: each command is one call of the HTTP API."""

import json
from typing import Annotated, Any

import typer

from api.cli.options import DataDir, say
from api.cli.work import As, Cycle, Plain, call

Number = Annotated[int, typer.Argument(help="版 / version", show_default=False)]
WIDTH = 60
"""Characters of a value that are shown in a line."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (versions, diff):
        app.command()(command)


def versions(
    cycle: Cycle,
    number: Annotated[int | None, typer.Argument(help="版の全文 / one whole", show_default=False)] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """提出した版を見る / every submission, or one as it was handed in."""
    if number is not None:
        found = call("GET", f"/cycles/{cycle}/versions/{number}", None, person, data_dir)
        say(json.dumps(found if plain else found["deliverable"], ensure_ascii=False, indent=None if plain else 2))
        return
    found = call("GET", f"/cycles/{cycle}/versions", None, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found["items"]:
        say(f"{one['n']}  {one['step']}  {one['submitted_at']}  {one['by']}  {one['outcome']}  {one['hash'][:12]}")


def diff(
    cycle: Cycle, a: Number, b: Number, person: As = None, plain: Plain = False, data_dir: DataDir = None
) -> None:
    """版を比べる / what changed between two versions; * marks what approvals rest on."""
    found = call("GET", f"/cycles/{cycle}/versions/{a}/diff/{b}", None, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    signs = {"added": "+", "removed": "-", "changed": "~"}
    for one in found["items"]:
        mark = "*" if one["key_field"] else " "
        said = {
            "added": _short(one["after"]),
            "removed": _short(one["before"]),
            "changed": f"{_short(one['before'])} → {_short(one['after'])}",
        }
        say(f"{mark}{signs[one['kind']]} {one['pointer']}  {said[one['kind']]}")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"
