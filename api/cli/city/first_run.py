"""`spiral first-run`: a one-time address that sets an empty city up, or signs one person in."""

from typing import Annotated

import typer

from api.cli.city.admin import ready
from api.cli.operate.one_time import address
from api.cli.options import DataDir, say
from engine.language.catalogues import both
from engine.runtime.problems import SetupError
from engine.runtime.runfile import running
from engine.runtime.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("first-run")(first_run)


def first_run(
    person: Annotated[
        str | None, typer.Option(help="サインインする職員 / who is signed in", show_default=False)
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """一度だけ使えるアドレスを表示する / print an address that works once: it sets the city up, or signs one in."""
    from engine.store.database import open_database  # noqa: PLC0415 - `spiral --help` need not wait for it
    from engine.store.directory.directory import Directory  # noqa: PLC0415 - as above

    settings = ready(load_settings(data_dir))
    database = open_database(settings.database_url)
    try:
        facts = Directory(database).facts()
    finally:
        database.dispose()
    is_empty = not facts.organisation.units
    if is_empty and person is not None:
        raise SetupError(*both("the city is empty: leave --person out"))
    if not is_empty and person is None:
        raise SetupError(*both("the city is set up: say who is signed in, --person ID"))
    if person is not None and not facts.organisation.posts_of(person, facts.today):
        raise SetupError(*both("{holder} holds no post today", holder=person))
    run = running(settings.data_dir)
    say(address(settings, settings.public_url or (run.url if run else ""), person))
