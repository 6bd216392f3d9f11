"""`spiral versions`, `spiral diff` and what else reads the record: each command is one call of the HTTP API."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.cycles.work import As, Cycle, Plain, call, print_cycle
from api.cli.options import DataDir, office_time, say

Number = Annotated[int, typer.Argument(help="版 / version", show_default=False)]
WIDTH = 60
"""Characters of a value that are shown in a line."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (versions, diff, attach, detach, attachments, history, copy, route):
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
        at = office_time(one["submitted_at"])
        say(f"{one['n']}  {one['step']}  {at}  {one['by']}  {one['outcome']}  {one['hash'][:12]}")


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


def attach(
    cycle: Cycle,
    file: Annotated[Path, typer.Argument(help="ファイル(10 MB まで) / file, at most 10 MB", show_default=False)],
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """ファイルを添える / put a file beside the current step."""
    found = call("POST", f"/cycles/{cycle}/attachments", None, person, data_dir, file)
    say(json.dumps(found, ensure_ascii=False) if plain else f"{found['n']}  {found['name']}  {found['sha256'][:12]}")


def detach(cycle: Cycle, number: Number, person: As = None, data_dir: DataDir = None) -> None:
    """添付を外す / take your own file back while the step is a draft."""
    call("DELETE", f"/cycles/{cycle}/attachments/{number}", None, person, data_dir)
    say(f"removed {number}")


def attachments(cycle: Cycle, person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """添付を見る / the files of a cycle."""
    found = call("GET", f"/cycles/{cycle}/attachments", None, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found["items"]:
        gone = "  removed" if one["removed_at"] else ""
        say(f"{one['n']}  {one['step']}  {one['by']}  {one['size']}  {one['name']}{gone}")


def history(person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """決裁の履歴を見る / what you have decided, the newest first."""
    found = call("GET", "/inbox/history", None, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found["items"]:
        behalf = f" for {one['on_behalf_of']} (代決)" if one["on_behalf_of"] else ""
        say(f"{office_time(one['at'])}  {one['cycle_id']}  {one['step']}  {one['action']}{behalf}  {one['title']}")


def copy(
    cycle: Cycle,
    title: Annotated[str | None, typer.Option(help="題名 / title")] = None,
    unit: Annotated[str | None, typer.Option(help="所属コード / unit")] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """引用起案: 終了した周回から起案する / start anew from a cycle that has ended."""
    asked = {name: value for name, value in (("title", title), ("org_unit", unit)) if value is not None}
    print_cycle(call("POST", f"/cycles/{cycle}/copy", asked, person, data_dir), plain=plain)


def route(cycle: Cycle, person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """決裁経路とその理由を見る / who decides, why, by when, and how long it usually takes."""
    found = call("GET", f"/cycles/{cycle}/route", None, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    for stage in found["stages"]:
        say(f"{stage['key']}  {stage['state']}  {stage['quorum']}  due {office_time(stage['due_at'])}")
        for post in stage["posts"]:
            names = ", ".join(f"{one['name']}{' (代決)' if one['why'] == 'proxy' else ''}" for one in post["holders"])
            usual = post["usual"]
            took = f"  usually {usual['seconds'] / 86400:.1f} days (n={usual['n']})" if usual else ""
            say(f"  {post['post']}  {names}{took}")
        if stage["escalates_to"] and stage["escalates_at"]:
            names = ", ".join(one["name"] for one in stage["escalates_to_people"])
            say(f"  then {stage['escalates_to']}  {names}  from {office_time(stage['escalates_at'])}")
        for one in stage["reasons"]:
            say(f"    {one['post']}: {one['text']}")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"
