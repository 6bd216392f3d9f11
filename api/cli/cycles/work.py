"""What owners and managers do, from a terminal: each command is one call of the HTTP API, with its own key.

Must not know any rule: what is allowed, and why not, the API says. `--as` signs in with this machine's key; elsewhere
`SPIRAL_TOKEN` holds the token that `spiral token` printed.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
import typer
import yaml

from api.cli.options import DataDir, office_time, say
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import Step
from engine.language.catalogues import both
from engine.runtime.problems import SetupError
from engine.runtime.runfile import running
from engine.runtime.settings import load_settings

As = Annotated[str | None, typer.Option("--as", help="職員 / person", show_default="SPIRAL_TOKEN")]
Plain = Annotated[bool, typer.Option("--json", help="JSON で出力 / print JSON")]
Cycle = Annotated[str, typer.Argument(help="周回 / cycle", show_default=False)]
Reason = Annotated[str | None, typer.Option(help="理由 / reason")]
PATIENCE = 60
"""Seconds that a call may take."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (start, show, draft, discard, submit, decide, retract, inbox, withdraw, resume, comment):
        app.command()(command)
    app.command("pull-back")(pull_back)


def start(
    title: Annotated[str, typer.Argument(help="題名 / title", show_default=False)],
    unit: Annotated[str, typer.Option(help="所属コード / unit", show_default=False)],
    org_scope: Annotated[OrgScope, typer.Option(help="範囲 / scope")] = OrgScope.INDIVIDUAL,
    work_scope: Annotated[WorkScope, typer.Option(help="規模 / scale")] = WorkScope.TASK,
    pillar: Annotated[str | None, typer.Option(help="柱 P1–P5 / pillar")] = None,
    startup: Annotated[str | None, typer.Option(help="スタートアップ / startup")] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """取組を始める / start an initiative."""
    asked = {
        "title": title, "org_unit": unit, "org_scope": org_scope.value, "work_scope": work_scope.value,
        "pillar": pillar, "startup": startup,
    }  # fmt: skip
    given = {name: value for name, value in asked.items() if value is not None}
    print_cycle(call("POST", "/initiatives", given, person, data_dir), plain=plain)


def show(cycle: Cycle, person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """周回を見る / show a cycle."""
    print_cycle(call("GET", f"/cycles/{cycle}", None, person, data_dir), plain=plain)


def draft(
    cycle: Cycle,
    file: Annotated[Path, typer.Argument(help="JSON または YAML、- は標準入力 / - is standard input")],
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """下書きを保存する / keep a working copy of the current step."""
    print_cycle(call("PUT", f"/cycles/{cycle}/draft", _read(file), person, data_dir), plain=plain)


def discard(
    cycle: Cycle,
    step: Annotated[
        Step | None, typer.Option(help="終わった段階 / a step that is over; without, the current one")
    ] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """下書きを破棄する / discard the working copy; what was there before shows again."""
    asked = f"?step={step}" if step else ""
    call("DELETE", f"/cycles/{cycle}/draft{asked}", None, person, data_dir)
    print_cycle(call("GET", f"/cycles/{cycle}", None, person, data_dir), plain=plain)


def submit(
    cycle: Cycle,
    message: Annotated[str | None, typer.Option(help="添える言葉 / message")] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """提出する / hand the current step in."""
    print_cycle(call("POST", f"/cycles/{cycle}/submit", {"message": message}, person, data_dir), plain=plain)


def decide(
    cycle: Cycle,
    action: Annotated[str, typer.Argument(help="approve, approve_with_conditions, return, hold, reject, oppose")],
    reason: Reason = None,
    number: Annotated[int | None, typer.Option("--round", help="回 / round", show_default="current")] = None,
    return_to: Annotated[str | None, typer.Option(help="差戻し先の段階 / step to return to")] = None,
    hold_until: Annotated[str | None, typer.Option(help="保留の期限 / date")] = None,
    condition: Annotated[list[str] | None, typer.Option(help="条件 2027-01-31=… / condition, due=text")] = None,
    pull_up: Annotated[bool, typer.Option("--pull-up", help="引上げ / as a superior, for whoever has it")] = False,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """決定する / decide the round under way."""
    if number is None:
        number = call("GET", f"/cycles/{cycle}", None, person, data_dir)["round"]
    pairs = [one.partition("=") for one in condition or ()]
    asked = {
        "action": action, "round": number, "reason": reason, "return_to": return_to, "hold_until": hold_until,
        "conditions": [{"due": due, "text": text} for due, _, text in pairs],
        **({"pull_up": True} if pull_up else {}),
    }  # fmt: skip
    print_cycle(call("POST", f"/cycles/{cycle}/decisions", asked, person, data_dir), plain=plain)


def retract(
    cycle: Cycle,
    reason: Reason = None,
    number: Annotated[int | None, typer.Option("--round", help="回 / round", show_default="last decided")] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """自分の最後の決裁を取り消す / take your last decision back."""
    if number is None:
        found = call("GET", f"/cycles/{cycle}", None, person, data_dir)
        number = found["decisions"][-1]["round"] if found["decisions"] else found["round"]
    asked = {"round": number, "reason": reason}
    print_cycle(call("POST", f"/cycles/{cycle}/decisions/retract", asked, person, data_dir), plain=plain)


def inbox(
    below: Annotated[bool, typer.Option("--below", help="引上げできるものも / also what you could pull up")] = False,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """決裁待ちと閲覧待ちを見る / what waits for you."""
    place = "/inbox?below=true" if below else "/inbox?below=false"
    found = call("GET", place, None, person, data_dir)
    following = found["next_cursor"]
    while following:
        further = call("GET", f"{place}&cursor={following}", None, person, data_dir)
        found["items"] += further["items"]
        following = found["next_cursor"] = further["next_cursor"]
    if plain:
        say(json.dumps(found, ensure_ascii=False))
        return
    for item in found["items"]:
        due = office_time(item["due_at"])
        say(f"{item['cycle_id']}  {item['step']}  round {item['round']}  {item['why']}  due {due}  {item['title']}")


def pull_back(cycle: Cycle, person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """引き戻す / take a submission back."""
    print_cycle(call("POST", f"/cycles/{cycle}/pull-back", {}, person, data_dir), plain=plain)


def withdraw(
    cycle: Cycle, reason: Reason = None, person: As = None, plain: Plain = False, data_dir: DataDir = None
) -> None:
    """取り下げる / end a cycle."""
    print_cycle(call("POST", f"/cycles/{cycle}/withdraw", {"reason": reason}, person, data_dir), plain=plain)


def resume(
    cycle: Cycle, reason: Reason = None, person: As = None, plain: Plain = False, data_dir: DataDir = None
) -> None:
    """保留を解く / end a hold before its date."""
    print_cycle(call("POST", f"/cycles/{cycle}/resume", {"reason": reason}, person, data_dir), plain=plain)


def comment(
    cycle: Cycle,
    text: Annotated[str, typer.Argument(help="言葉 / words", show_default=False)],
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """コメントする / say something about a cycle."""
    print_cycle(call("POST", f"/cycles/{cycle}/comments", {"text": text}, person, data_dir), plain=plain)


def _read(file: Path) -> Any:
    name = "-" if str(file) == "-" else str(file)
    try:
        text = sys.stdin.read() if name == "-" else file.read_text(encoding="utf-8-sig")
        return (
            json.loads(text) if file.suffix == ".json" else json.loads(json.dumps(yaml.safe_load(text), default=str))
        )
    except (OSError, ValueError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())
        raise SetupError(*both("cannot read {name}: {said}", name=name, said=said)) from error


def call(
    method: str, path: str, body: Any, person: str | None, data_dir: Path | None, file: Path | None = None
) -> Any:
    """One call; a refusal becomes one line that names every wrong field."""
    url, token = _place(data_dir), _token(person, data_dir)
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": _language(), "Idempotency-Key": uuid4().hex}
    try:
        with httpx.Client(trust_env=False, timeout=PATIENCE, verify=_encrypted(url)) as client:
            answer = client.request(method, f"{url}/api/v1{path}", json=body, headers=headers, files=_sent(file))
    except httpx.HTTPError as error:
        raise SetupError(*both("{url} does not answer: {error}", url=url, error=error)) from error
    if answer.status_code == 204:
        return None
    found = answer.json()
    if answer.is_error:
        places = "".join(f"; {one['pointer']}: {one['message']}" for one in found.get("errors", ()))
        line = f"{found['detail']} [{found['code']}]{places}"
        raise Refused(line)
    return found


def _encrypted(url: str) -> bool:
    """Whether certificates are looked at; a plain address shows none, and loading them takes as long as the call."""
    return httpx.URL(url).scheme != "http"


def _sent(file: Path | None) -> Any:
    if file is None:
        return None
    try:
        return {"file": (file.name, file.read_bytes())}
    except OSError as error:
        raise SetupError(*both("cannot read {file}: {strerror}", file=file, strerror=error.strerror)) from error


class Refused(Exception):  # noqa: N818 - what happened, not what failed
    """The API's refusal as one line."""


def _place(data_dir: Path | None) -> str:
    if url := os.environ.get("SPIRAL_URL"):
        return url.rstrip("/")
    settings = load_settings(data_dir)
    run = running(settings.data_dir)
    return run.url if run else f"http://{settings.host}:{settings.port}"


def _token(person: str | None, data_dir: Path | None) -> str:
    if person is None:
        token = os.environ.get("SPIRAL_TOKEN")
        if not token:
            raise SetupError(*both("give --as PERSON, or set SPIRAL_TOKEN"))
        return token
    from api.cli.city.admin import ready  # noqa: PLC0415 - it brings the store along
    from api.services.organisation.credentials import acting_as  # noqa: PLC0415 - it brings the web framework along
    from engine.store.database import open_database  # noqa: PLC0415 - as above

    settings = load_settings(data_dir)
    database = open_database(ready(settings).database_url)
    try:
        return acting_as(database, settings, person)
    finally:
        database.dispose()


def _language() -> str:
    """As the terminal speaks: POSIX asks the three variables in this order."""
    told = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "ja" if told.lower().startswith("ja") else "en"


def print_cycle(cycle: Any, *, plain: bool) -> None:
    """A cycle in a few lines, or as it came."""
    if plain:
        say(json.dumps(cycle, ensure_ascii=False))
        return
    waiting = cycle["waiting_for"]
    say(f"{cycle['id']}  {cycle['title']}")
    say(
        f"  {cycle['org_scope']} {cycle['org_unit']} · {cycle['work_scope']} · {cycle['kind']} · turn {cycle['turn']}"
    )
    where = "" if waiting["kind"] == "none" else f" · {cycle['step_status']}"
    say(f"  {cycle['status']} · {cycle['step']}{where} · round {cycle['round']}")
    if where:
        people, due = ", ".join(waiting["people"]) or "-", office_time(waiting["due_at"])
        say(f"  waits for {waiting['kind']}: {people}  due {due}")
    if cycle["actions"]:
        say(f"  open to you {', '.join(cycle['actions'])}")
    for line in _numbered(cycle):
        say(f"  {line}")
    hours = cycle["effects"]["hours_saved_per_year"]
    say(f"  saved {'not measured' if hours is None else f'{hours:g} h/year'}")
    if cycle["next"]:
        say(f"  next {', '.join(one['cycle_id'] for one in cycle['next'])}")


def _numbered(cycle: Any) -> Iterator[str]:
    """What other commands name by its number, and what holds a cycle up."""
    if hold := cycle["hold"]:
        yield f"on hold until {hold['until']}"
    for one in cycle["questions"]:
        yield f"question {one['n']}  {one['by']}: {one['text']}  {'-' if one['answer'] is None else one['answer']}"
    for one in cycle["conditions"]:
        state = "closed" if one["closed_at"] else "overdue" if one["overdue"] else "open"
        yield f"condition {one['n']}  {state}  due {one['due']}  {one['owner']}: {one['text']}"
    for one in cycle["post_reviews"]:
        yield f"post-review {one['n']}  {one['person']}  {'read' if one['read_at'] else 'to read'}"
    if cycle["comments"]:
        yield f"comments {cycle['comments']}"
