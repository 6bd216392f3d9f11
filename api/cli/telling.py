"""What one was told, and which systems are told: each command is one call of the HTTP API. Must not know any rule."""

import json
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from api.cli.cycles.work import As, Plain, call
from api.cli.options import DataDir, office_time, say
from engine.domain.access.log import AccessAct
from engine.domain.cycle.visibility import Visibility

Webhook = Annotated[str, typer.Argument(help="Webhook", show_default=False)]
webhooks = typer.Typer(help="Webhook の登録と配信 / webhooks and their deliveries (administrators)")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(outbox)
    app.command("access-log")(access_log)
    for command in (add, pause, enable, deliveries, skip):
        webhooks.command()(command)
    webhooks.command("list")(listed)
    webhooks.command("test")(try_out)
    app.add_typer(webhooks, name="webhooks")


def outbox(
    unread: Annotated[bool, typer.Option("--unread", help="未読のみ / unread only")] = False,
    everybody: Annotated[bool, typer.Option("--everybody", help="全員分 / everybody's")] = False,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """自分宛ての通知 / what one was told, newest first."""
    path = f"{'/outbox' if everybody else '/me/outbox'}?unread={str(unread).lower()}"
    found = call("GET", path, None, person, data_dir)
    _print(found, plain, lambda one: f"{office_time(one['at'])}  {one['person_id']}  {one['text']}  {one['url']}")


def access_log(
    who: Annotated[str | None, typer.Option("--person", help="職員 / whose")] = None,
    act: Annotated[AccessAct | None, typer.Option(help="内容 / what")] = None,
    subject: Annotated[str | None, typer.Option(help="対象 / of what")] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """アクセス記録を見る（監査） / who came in, read what few may read, took data out (auditors)."""
    wanted = {"person": who, "act": act.value if act else None, "subject": subject}
    query = urlencode({name: value for name, value in wanted.items() if value})
    found = call("GET", f"/access-log?{query}", None, person, data_dir)
    _print(found, plain, _accessed)


def listed(person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """一覧 / every webhook."""
    found = call("GET", "/webhooks", None, person, data_dir)
    _print(found, plain, _webhook)


def add(
    url: Annotated[str, typer.Argument(help="URL", show_default=False)],
    event: Annotated[list[str] | None, typer.Option(help="種類、くり返し可 / type, as often as needed")] = None,
    description: Annotated[str | None, typer.Option(help="説明 / what it is for")] = None,
    ceiling: Annotated[Visibility, typer.Option(help="対象とする公開範囲 / of which cycles")] = Visibility.OFFICE,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """登録する。署名の秘密は一度だけ表示 / register one; the secret is shown once."""
    asked = {"url": url, "events": event or None, "description": description, "ceiling": ceiling.value}
    found = call("POST", "/webhooks", asked, person, data_dir)
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    say(_webhook(found))
    say(f"  secret {found['secret']}")


def pause(webhook: Webhook, person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """止める / stop delivering."""
    _print_one(call("POST", f"/webhooks/{webhook}/pause", {}, person, data_dir), plain)


def enable(webhook: Webhook, person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """再開する / deliver again, from where it stopped."""
    _print_one(call("POST", f"/webhooks/{webhook}/enable", None, person, data_dir), plain)


def try_out(webhook: Webhook, person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """試しに送る / send a test event."""
    found = call("POST", f"/webhooks/{webhook}/test", None, person, data_dir)
    say(json.dumps(found, ensure_ascii=False) if plain else _delivery(found))


def deliveries(webhook: Webhook, person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """配信の記録 / the log of deliveries, newest first."""
    _print(call("GET", f"/webhooks/{webhook}/deliveries", None, person, data_dir), plain, _delivery)


def skip(
    webhook: Webhook,
    n: Annotated[int, typer.Argument(help="deliveries の番号 / number in the log", show_default=False)],
    reason: Annotated[str | None, typer.Option(help="理由 / reason")] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """受け取られない1件を飛ばす / step over one event that the receiver refuses."""
    found = call("POST", f"/webhooks/{webhook}/deliveries/{n}/skip", {"reason": reason}, person, data_dir)
    say(json.dumps(found, ensure_ascii=False) if plain else _delivery(found))


def _print(found: Any, plain: bool, line: Any) -> None:
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found["items"]:
        say(line(one))


def _print_one(found: Any, plain: bool) -> None:
    say(json.dumps(found, ensure_ascii=False) if plain else _webhook(found))


def _webhook(one: Any) -> str:
    why = f" ({one['reason']})" if one["reason"] else ""
    return f"{one['id']}  {one['status']}{why}  behind {one['behind']}  {one['url']}"


def _delivery(one: Any) -> str:
    following = f"  next {office_time(one['next_try_at'])}" if one["next_try_at"] else ""
    said = one["error"] or one["http_status"] or "-"
    what = f"{one['n']}  {one['event_id']}  {one['type']}  {one['status']}"
    skipped = f"  skipped by {one['skipped_by']}" if one["skipped_by"] else ""
    return f"{what}  attempts {one['attempts']}  {said}{following}{skipped}"


def _accessed(one: dict[str, Any]) -> str:
    said = f"{one['person'] or '-'}  {one['act']}  {one['subject']}  {one['detail']}"
    return f"{office_time(one['at'])}  {said}".rstrip()
