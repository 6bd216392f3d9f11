"""`spiral absences`: who is away and who stands in; each command is one call of the HTTP API. Knows no rule."""

import json
from datetime import datetime
from typing import Annotated, Any

import typer

from api.cli.cycles.work import As, Plain, call
from api.cli.options import DataDir, say

First = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="初日 / first day", show_default=False)]
Last = Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="最終日 / last day", show_default=False)]
Proxy = Annotated[str | None, typer.Option(help="代理 / who stands in")]
Absence = Annotated[str, typer.Argument(help="不在の番号 / its id", show_default=False)]
absences = typer.Typer(help="不在と代理 / absences and who stands in")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (enter, change, end):
        absences.command()(command)
    absences.command("list")(listed)
    app.add_typer(absences, name="absences")


def listed(person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """一覧 / one's own; an administrator sees everybody's."""
    found = call("GET", "/absences", None, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found["items"]:
        say(_line(one))


def enter(
    first: First,
    last: Last,
    proxy: Proxy = None,
    of: Annotated[str | None, typer.Option("--person", help="不在の人 / whose", show_default="--as")] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """登録する / enter an absence."""
    asked = _asked(first, last, proxy) | ({"person_id": of} if of else {})
    _print(call("POST", "/absences", asked, person, data_dir), plain)


def change(
    absence: Absence,
    first: First,
    last: Last,
    proxy: Proxy = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """変更する / change its days and who stands in."""
    _print(call("PUT", f"/absences/{absence}", _asked(first, last, proxy), person, data_dir), plain)


def end(absence: Absence, person: As = None, data_dir: DataDir = None) -> None:
    """取り消す / end it at once."""
    call("DELETE", f"/absences/{absence}", None, person, data_dir)


def _asked(first: datetime, last: datetime, proxy: str | None) -> dict[str, Any]:
    return {"from": first.date().isoformat(), "to": last.date().isoformat(), "proxy": proxy}


def _print(one: Any, plain: bool) -> None:
    say(json.dumps(one, ensure_ascii=False) if plain else _line(one))


def _line(one: Any) -> str:
    return f"{one['id']}  {one['person_id']}  {one['from']} – {one['to']}  {one['proxy'] or '-'}"
