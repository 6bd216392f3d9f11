"""`spiral account`: which accounts of the OpenID provider sign a person in, and how to release them."""

from typing import Annotated

import typer

from api.cli.city.admin import ready
from api.cli.options import DataDir, say
from engine.language.catalogues import both
from engine.runtime.problems import SetupError
from engine.runtime.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(account)


def account(
    person_id: Annotated[str, typer.Argument(help="職員 / person", show_default=False)],
    release: Annotated[bool, typer.Option("--release", help="登録を解除する / they sign nobody in any more")] = False,
    data_dir: DataDir = None,
) -> None:
    """職員に登録された認証アカウント / the provider's accounts that sign a person in."""
    from api.services.organisation.accounts import released_here  # noqa: PLC0415 - `spiral --help` need not wait for it
    from engine.store.database import open_database  # noqa: PLC0415 - as above
    from engine.store.directory.directory import Directory  # noqa: PLC0415 - as above
    from engine.store.registers.sign_ins import SignIns  # noqa: PLC0415 - as above

    database = open_database(ready(load_settings(data_dir)).database_url)
    try:
        if Directory(database).facts().organisation.person(person_id) is None:
            raise SetupError(*both("there is no person {person_id}", person_id=person_id))
        if release:
            say(f"released {released_here(database, person_id, 'system')} accounts")
            return
        for one in SignIns(database).of(person_id):
            say(f"{one.subject}\t{one.issuer}\t{one.bound_at:%Y-%m-%d}")
    finally:
        database.dispose()
