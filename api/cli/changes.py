"""`spiral changes`: documents that change who decides and wait for a second one; each is one call of the HTTP API."""

import json
from typing import Annotated, Any

import typer

from api.cli.cycles.work import As, Plain, Reason, call
from api.cli.options import DataDir, say

Change = Annotated[str, typer.Argument(help="変更案の番号 / its id", show_default=False)]
changes = typer.Typer(help="決裁者が変わる変更案 / proposed changes of who decides")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (agree, withdraw):
        changes.command()(command)
    changes.command("list")(listed)
    app.add_typer(changes, name="changes")


def listed(person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """一覧 / those that wait, then the last that are over."""
    found = call("GET", "/changes", None, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found["items"]:
        _print(one, plain=False)


def agree(change: Change, person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """同意する / agree: it is in force; not by whoever proposed it."""
    _print(call("POST", f"/changes/{change}/agree", None, person, data_dir), plain)


def withdraw(
    change: Change, reason: Reason = None, person: As = None, plain: Plain = False, data_dir: DataDir = None
) -> None:
    """取り下げる / withdraw: it is not made."""
    _print(call("POST", f"/changes/{change}/withdraw", {"reason": reason}, person, data_dir), plain)


def _print(one: Any, plain: bool) -> None:
    if plain:
        say(json.dumps(one, ensure_ascii=False))
        return
    say(f"{one['id']}  {one['kind']}  {one['name']}  {one['proposed_by']}  {one['takes_effect']}  {_standing(one)}")
    for change in one["changes"]:
        sign = "" if change["person"] is None else f"{'+' if change['gains'] else '-'}{change['person']}"
        say(f"  {change['place']}  {sign}".rstrip())


def _standing(one: Any) -> str:
    return one["outcome"] or "waits"
