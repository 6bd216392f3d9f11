"""`spiral ask`, `answer`, `read`, `post-review`: moves beside the route; each is one call of the HTTP API."""

from typing import Annotated

import typer

from api.cli.cycles.work import As, Cycle, Plain, call, print_cycle
from api.cli.options import DataDir

Words = Annotated[str, typer.Argument(help="言葉 / words", show_default=False)]
Number = Annotated[int, typer.Argument(help="番号 / number", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (ask, answer, read):
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
