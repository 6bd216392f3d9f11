"""`spiral ask`, `answer`, `read`, `post-review`, `visibility`: moves beside the route, each one HTTP call."""

from typing import Annotated, Any

import typer

from api.cli.cycles.work import As, Cycle, Plain, Reason, call, print_cycle
from api.cli.options import DataDir
from engine.domain.cycle.visibility import Visibility

Words = Annotated[str, typer.Argument(help="言葉 / words", show_default=False)]
Number = Annotated[int, typer.Argument(help="番号 / number", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (ask, answer, read, visibility):
        app.command()(command)
    app.command("post-review")(post_review)


def ask(cycle: Cycle, text: Words, person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """差し戻さずに質問する / ask the owner without returning."""
    print_cycle(call("POST", f"/cycles/{cycle}/questions", {"text": text}, person, data_dir), plain=plain)


def answer(
    cycle: Cycle, number: Number, text: Words, person: As = None, plain: Plain = False, data_dir: DataDir = None
) -> None:
    """質問に答える / answer a question."""
    body = {"text": text}
    print_cycle(call("POST", f"/cycles/{cycle}/questions/{number}/answer", body, person, data_dir), plain=plain)


def read(cycle: Cycle, person: As = None, plain: Plain = False, data_dir: DataDir = None) -> None:
    """供覧を閲覧した / say that you have read what circulates."""
    print_cycle(call("POST", f"/cycles/{cycle}/circulation/read", {}, person, data_dir), plain=plain)


def post_review(
    cycle: Cycle,
    number: Number,
    text: Annotated[str | None, typer.Option(help="意見 / comment")] = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """後閲する / say that you have read what was decided without you."""
    body = {"text": text}
    print_cycle(call("POST", f"/cycles/{cycle}/post-reviews/{number}/read", body, person, data_dir), plain=plain)


def visibility(
    cycle: Cycle,
    level: Annotated[
        Visibility, typer.Argument(help="office 庁内・concerned 関係者・restricted 限定", show_default=False)
    ],
    reader: Annotated[
        list[str] | None, typer.Option("--reader", help="読める職員、繰り返し可 / who may read, repeatable")
    ] = None,
    reason: Reason = None,
    person: As = None,
    plain: Plain = False,
    data_dir: DataDir = None,
) -> None:
    """だれが読めるかを決める / say who may read it."""
    body: dict[str, Any] = {"level": level.value, "reason": reason}
    if reader:
        body["readers"] = reader
    print_cycle(call("PUT", f"/cycles/{cycle}/visibility", body, person, data_dir), plain=plain)
