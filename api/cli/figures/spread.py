"""`spiral offer`, `offers`, `answer-offer`, `cases`: spreading a result, from a terminal. Must not know any rule."""

import json
from typing import Annotated, Any

import typer

from api.cli.cycles.work import As, Plain, Reason, call
from api.cli.options import DataDir, say

Case = Annotated[str, typer.Argument(help="事例 / case", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(offer)
    app.command()(offers)
    app.command("answer-offer")(answer_offer)
    app.command()(cases)


def offer(
    case: Case,
    unit: Annotated[list[str], typer.Option(help="所属コード / unit", show_default=False)],
    message: Annotated[str | None, typer.Option(help="添える言葉 / message")] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """事例をほかの所属に提案する / offer a shared case to other units."""
    _offers(call("POST", f"/cases/{case}/offers", {"org_units": unit, "message": message}, person, data_dir), plain)


def offers(
    waiting: Annotated[bool, typer.Option("--waiting", help="自分の回答待ちだけ / that wait for me")] = False,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """横展開の提案を見る / offers and their answers."""
    _offers(call("GET", f"/offers{'?waiting_for=me' if waiting else ''}", None, person, data_dir), plain)


def answer_offer(
    name: Annotated[str, typer.Argument(metavar="OFFER", help="提案 / offer", show_default=False)],
    answer: Annotated[str, typer.Argument(help="accept, adapt, decline", show_default=False)],
    reason: Reason = None,
    owner: Annotated[str | None, typer.Option(help="担当者 / who leads the adopt cycle")] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """提案に回答する / answer an offer to your unit."""
    asked = {"answer": answer, "reason": reason, "owner": owner}
    _offers({"items": [call("POST", f"/offers/{name}/answer", asked, person, data_dir)]}, plain)


def cases(
    words: Annotated[str, typer.Argument(help="探す言葉 / words", show_default=False)] = "",
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """事例集を探す / search the case library."""
    from urllib.parse import quote  # noqa: PLC0415 - for this command alone

    found = call("GET", f"/cases?q={quote(words)}", None, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found["items"]:
        verdict = one["figures"]["verdict"] or one["figures"]["standing"]
        say(f"{one['id']}  {one['org_unit']}  {verdict}  {one['title']}")


def _offers(found: Any, plain: bool) -> None:
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found["items"]:
        cycle = f"  → {one['cycle_id']}" if one["cycle_id"] else ""
        say(f"{one['id']}  {one['org_unit']}  {one['status']}  {one['case_title']}{cycle}")
