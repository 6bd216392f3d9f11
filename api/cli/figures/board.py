"""`spiral dashboard`, `spiral waiting`: the state of the city as lines of text, one HTTP call each."""

import json
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from api.cli.cycles.work import As, Plain, call
from api.cli.options import DataDir, say

Year = Annotated[int | None, typer.Option("--fiscal-year", help="年度 / fiscal year")]
PillarOption = Annotated[str | None, typer.Option("--pillar", help="柱 P1-P5 / pillar")]
UnitOption = Annotated[str | None, typer.Option("--org-unit", help="組織 / unit, with all below")]
AsOf = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="時点 / as of a date")]
SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(dashboard)
    app.command()(waiting)
    app.command()(milestone)
    app.command("assign-startup")(assign_startup)


def dashboard(
    fiscal_year: Year = None,
    pillar: PillarOption = None,
    org_unit: UnitOption = None,
    as_of: AsOf = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """市の状況を見る / the state of the city."""
    query = _query(fiscal_year, pillar, org_unit, as_of)
    found = call("GET", f"/dashboard{query}", None, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    say(found["as_of"])
    for name in ("status", "step", "org_scope", "pillar"):
        say(f"  {name:<10} " + "  ".join(f"{key} {count}" for key, count in found["counts"][name].items()))
    for name, figure in (*found.items(), *found["effects"].items()):
        if isinstance(figure, dict) and figure.keys() == {"value", "unit", "n"}:
            say(f"  {name:<22} {_said(figure)}")
    for step in found["steps"]:
        say(f"  {step['step']:<10} owner {_said(step['owner'])}  approver {_said(step['approver'])}")
    _print_bands(found["waiting"])


def waiting(
    fiscal_year: Year = None,
    pillar: PillarOption = None,
    org_unit: UnitOption = None,
    as_of: AsOf = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """どこで止まっているかを見る / where items wait, for whom and how long."""
    query = _query(fiscal_year, pillar, org_unit, as_of)
    found = call("GET", f"/dashboard/waiting{query}", None, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    _print_bands(found["bands"])
    for queue in (*found["by_post"][:SHOWN], *found["by_owner"][:SHOWN]):
        people = ", ".join(queue["people"]) or "-"
        say(f"  {queue['key']}  {queue['waiting']} waiting, {queue['overdue']} overdue, "
            f"oldest {queue['oldest_days']:g} days  ({people})")  # fmt: skip
    for pace in found["pace"][:SHOWN]:
        say(f"  {pace['post']} decides in {_said(pace['days'])}")


def _query(year: int | None, pillar: str | None, unit: str | None, as_of: datetime | None) -> str:
    asked = {"fiscal_year": year, "pillar": pillar, "org_unit": unit, "as_of": as_of.date() if as_of else None}
    given = {name: str(value) for name, value in asked.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _said(figure: Any) -> str:
    value = "unknown" if figure["value"] is None else f"{figure['value']:g}"
    return f"{value} {figure['unit']} (n {figure['n']})"


def _print_bands(bands: Any) -> None:
    for band in bands:
        upper = "" if band["up_to_days"] is None else f" to {band['up_to_days']}"
        say(f"  waiting over {band['over_days']}{upper} days: owner {band['owner']}, approver {band['approver']}")


def milestone(
    startup: Annotated[str, typer.Argument(help="スタートアップ / startup", show_default=False)],
    code: Annotated[str, typer.Argument(help="マイルストーン / milestone", show_default=False)],
    grade: Annotated[str, typer.Option(help="A 早い, B 予定どおり, C 遅れ, D 不明 / A to D", show_default=False)],
    note: Annotated[str | None, typer.Option(help="ひとこと / note")] = None,
    done_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="完了日 / done on")] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """マイルストーンの進捗を報告する / report how a milestone stands."""
    asked = {"grade": grade, "note": note, "done_on": done_on.date().isoformat() if done_on else None}
    given = {name: value for name, value in asked.items() if value is not None}
    place = f"/roadmap/startups/{quote(startup, safe='')}/milestones/{quote(code, safe='')}/reports"
    found = call("POST", place, given, person, data_dir)
    said = f"{startup} {found['code']}  {found['state']}  {found['grade']}  due {found['due']}  {found['name']}"
    say(json.dumps(found, ensure_ascii=False) if plain else said)


def assign_startup(
    cycle: Annotated[str, typer.Argument(help="周回 / cycle", show_default=False)],
    startup: Annotated[str, typer.Argument(help="スタートアップ / startup", show_default=False)],
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """スタートアップを付け替える / move a cycle to another startup."""
    place = f"/cycles/{quote(cycle, safe='')}/startup"
    found = call("POST", place, {"startup": startup}, person, data_dir)
    said = f"{found['id']}  {found['startup']}  {found['governance']}  {found['pillar'] or '-'}"
    say(json.dumps(found, ensure_ascii=False) if plain else said)
