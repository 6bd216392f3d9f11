"""Effects and the spiral's shape from a terminal: each command is one call of the HTTP API.

Must not know how anything adds up. What is not measured is said so, never printed as zero.
"""

import json
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from api.cli.cycles.work import As, Plain, call
from api.cli.options import DataDir, say
from engine.domain.effects.sums import GroupBy

NOT_MEASURED = "未測定 / not measured"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(effects)
    app.command()(lineage)


def effects(
    fiscal_year: Annotated[int | None, typer.Option(help="年度 / fiscal year")] = None,
    pillar: Annotated[str | None, typer.Option(help="柱 P1–P5 / pillar")] = None,
    startup: Annotated[str | None, typer.Option(help="スタートアップ / startup")] = None,
    unit: Annotated[str | None, typer.Option(help="所属コード、下の組織も含む / unit with all below")] = None,
    by: Annotated[GroupBy | None, typer.Option(help="内訳 / break down by")] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """効果の合計 / what the spirals brought, no hour counted twice."""
    asked = {"fiscal_year": fiscal_year, "pillar": pillar, "startup": startup, "org_unit": unit, "group_by": by}
    given = urlencode({name: value for name, value in asked.items() if value is not None})
    found = call("GET", f"/effects{'?' if given else ''}{given}", None, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found["items"]:
        name = " ".join(part for part in (one["key"] or "-", one["name_ja"]) if part)
        say(f"{name}  {_sum(one['with_below'] or one)}")
    say(f"total  {_sum(found['total'])}")
    rate = found["basis"]["hourly_rate_yen"]
    say(f"hourly rate  {'-' if rate is None else f'{rate:g} 円/時'}")


def lineage(
    initiative: Annotated[str, typer.Argument(help="取組 / initiative", show_default=False)],
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """スパイラルの系譜 / the spiral as a tree, with what joined it and what it was copied to."""
    found = call("GET", f"/initiatives/{initiative}/lineage", None, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    nodes = {one["id"]: one for one in found["nodes"]}
    below: dict[str, list[tuple[str, str]]] = {}
    for edge in found["edges"]:
        below.setdefault(edge["parent"], []).append((edge["child"], edge["kind"]))
    later = {edge["child"] for edge in found["edges"]}
    printed: set[str] = set()
    for name in nodes:
        if name not in later:
            _branch(nodes, below, (name, "start"), 0, printed)
    say(f"total  {_number(found['hours_saved_per_year'], '時間/年')}  {_number(found['yen_per_year'], '円/年')}")


def _branch(
    nodes: dict[str, Any], below: dict[str, list[tuple[str, str]]], at: tuple[str, str], depth: int, printed: set[str]
) -> None:
    """A cycle and what came of it; one with several parents is unfolded under the first, named under the others."""
    name, kind = at
    node, seen = nodes[name], name in printed
    printed.add(name)
    effect = _number(node["hours_saved_per_year"], "時間/年")
    added = node["hours_saved_per_year_increment"]
    increment = "" if added is None else f" ({added:+g})"
    outcome = f"  {node['sustained']['outcome']}" if (node["sustained"] or {}).get("outcome") else ""
    where = f"{node['org_scope']}/{node['work_scope']}  {node['status']}"
    title = "…" if seen else node["title"]
    say(f"{'  ' * depth}{kind}  {name}  {where}  {effect}{increment}{outcome}  {title}")
    for child in () if seen else below.get(name, ()):
        _branch(nodes, below, child, depth + 1, printed)


def _sum(one: Any) -> str:
    counts = f"measured {one['measured']}, not yet {one['unmeasured']}, worse {one['worse']}"
    hours, yen = _number(one["hours_saved_per_year"], "時間/年"), _number(one["yen_per_year"], "円/年")
    return f"{hours}  {yen}  {counts}"


def _number(value: float | None, unit: str) -> str:
    return NOT_MEASURED if value is None else f"{value:.12g} {unit}"
