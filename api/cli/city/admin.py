"""`spiral migrate`, `spiral token`, `spiral import …`: setting a city up, all or nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import BaseModel

from api.cli.options import DataDir, prepare_directory, say
from engine.domain.ledger.credentials import SERVICE
from engine.exchange.errors import FileError
from engine.language.catalogues import both
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from engine.contracts.documents import DocumentPut
    from engine.domain.organisation.organisation import Organisation

BY = "spiral import"
"""How a document came in force by command line; the account of the machine stands behind it."""

Place = Annotated[Path, typer.Argument(help="ファイルまたはフォルダー / file or folder", show_default=False)]
Document = TypeVar("Document", bound=BaseModel)
imports = typer.Typer(help="組織・ロードマップ・決裁規程の取り込み / organisation, roadmap, approval policy")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(migrate)
    app.command()(token)
    imports.command()(organisation)
    imports.command()(roadmap)
    imports.command()(policy)
    app.add_typer(imports, name="import")


def migrate(data_dir: DataDir = None) -> None:
    """データベースを最新にする / bring the tables up to date."""
    from engine.store.record.upgrade import bring_up  # noqa: PLC0415 - `spiral --help` need not wait for it

    settings = load_settings(data_dir)
    prepare_directory(settings)
    bring_up(settings.database_url)


def token(
    person_id: Annotated[str | None, typer.Argument(help="職員 / person", show_default=False)] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="有効日数 / good for")] = 30,
    name: Annotated[str, typer.Option("--name", help="用途 / what it is for")] = "",
    service: Annotated[
        str | None,
        typer.Option("--service", help="プログラムの名前 / a program instead of a person"),
    ] = None,
    right: Annotated[list[str] | None, typer.Option("--right", help="プログラムの権限 / its duties")] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="閲覧専用 / may only read")] = False,
    listed: Annotated[bool, typer.Option("--list", help="一覧 / all tokens")] = False,
    revoke: Annotated[str | None, typer.Option("--revoke", metavar="ID", help="取り消す / end one at once")] = None,
    data_dir: DataDir = None,
) -> None:
    """職員またはプログラムのトークンを表示・一覧・取消 / print a bearer token, list them, or revoke one."""
    from engine.store.database import open_database  # noqa: PLC0415 - as above

    wishes = [wish for wish in (person_id, service, listed or None, revoke) if wish is not None]
    if len(wishes) != 1:
        raise SetupError(
            *both("give one of: a person, --service, --list, --revoke"),
        )
    settings = load_settings(data_dir)
    database = open_database(ready(settings).database_url)
    try:
        if listed:
            _list_tokens(database)
        elif revoke is not None:
            _revoke(database, revoke)
        else:
            holder = f"{SERVICE}{service}" if service is not None else person_id or ""
            wanted = (holder, days, name, read_only, tuple(right or ()))
            say(_token(database, settings, *wanted))
    finally:
        database.dispose()


def _token(
    database: "Engine",
    settings: Settings,
    holder: str,
    days: int,
    name: str,
    read_only: bool,
    rights: tuple[str, ...],
) -> str:
    from api.services.organisation.credentials import WantedToken, make  # noqa: PLC0415 - as above
    from engine.domain.access.entry import kept_out  # noqa: PLC0415 - as above
    from engine.domain.errors import DomainError  # noqa: PLC0415 - as above
    from engine.domain.ledger.credentials import service_errors, service_of  # noqa: PLC0415 - as above
    from engine.store.directory.directory import Directory  # noqa: PLC0415 - as above

    service = service_of(holder)
    facts = Directory(database).facts()
    why = kept_out(facts.organisation, holder, facts.today) if service is None else None
    if why == "no_post_today":
        raise SetupError(*both("{holder} holds no post today", holder=holder))
    if why is not None:
        raise SetupError(*both("there is no person {holder}", holder=holder))
    if service is None and rights:
        raise SetupError(*both("--right goes with --service"))
    if service is not None and (wrong := service_errors(service, rights)):
        places = ", ".join(one.pointer for one in wrong)
        raise SetupError(*both("not valid: {places}", places=places))
    try:
        return make(database, settings, WantedToken(holder, days, name, read_only, rights)).token
    except DomainError as error:
        limit = error.refusal.errors[0].params["limit"] if error.refusal.errors else ""
        raise SetupError(*both("--days must be within {limit}", limit=limit)) from error


def _list_tokens(database: "Engine") -> None:
    from engine.store.registers.tokens import Tokens  # noqa: PLC0415 - as above

    for one in Tokens(database).listed():
        state = "revoked" if one.revoked_at else "read-only" if one.read_only else "full"
        used = one.used_at.isoformat(timespec="minutes") if one.used_at else "-"
        told = (one.id, one.holder, state, one.expires_at.date().isoformat(), used, one.made_by, one.name)
        say("\t".join(told))


def _revoke(database: "Engine", credential: str) -> None:
    from api.services.organisation.credentials import account  # noqa: PLC0415 - as above
    from engine.domain.errors import DomainError  # noqa: PLC0415 - as above
    from engine.store.registers.tokens import Tokens  # noqa: PLC0415 - as above

    try:
        Tokens(database).revoke(credential, by=account())
    except DomainError as error:
        raise SetupError(*both("there is no token {credential}", credential=credential)) from error


def organisation(path: Place, data_dir: DataDir = None) -> None:
    """組織・職員・職 / units, people and posts: a folder of CSV files, or one .xlsx."""
    from engine.exchange.organisation_import import read_organisation  # noqa: PLC0415 - as above

    found, said = _put_in_force("organisation", path, read_organisation, data_dir)
    say(f"organisation: {len(found.units)} units, {len(found.people)} people, {len(found.posts)} posts")
    _say_who_decides(said)


def roadmap(path: Place, data_dir: DataDir = None) -> None:
    """ロードマップの版 / a roadmap edition, YAML."""
    from engine.exchange.document_import import read_edition  # noqa: PLC0415 - as above

    found, _ = _put_in_force("roadmap", path, read_edition, data_dir)
    say(f"roadmap: {found.id}, {len(found.pillars)} pillars, {len(found.startups)} startups")


def policy(
    path: Place,
    check: Annotated[bool, typer.Option("--check", help="検査だけ / only look, change nothing")] = False,
    data_dir: DataDir = None,
) -> None:
    """決裁規程 / an approval policy, YAML."""
    from engine.exchange.document_import import read_policy  # noqa: PLC0415 - as above

    organisation = _organisation(data_dir)
    if check:
        found = read_policy(path, organisation)
        say(f"policy: {found.id}, {len(found.rules)} rules: ok, not put in force")
        return
    found, said = _put_in_force("policy", path, lambda place: read_policy(place, organisation), data_dir)
    say(f"policy: {found.id}, {len(found.rules)} rules")
    _say_who_decides(said)


def _organisation(data_dir: Path | None) -> "Organisation | None":
    """The organisation in force, if there is a database already."""
    from engine.store.database import is_current, open_database  # noqa: PLC0415 - as above
    from engine.store.directory.directory import Directory  # noqa: PLC0415 - as above

    url = load_settings(data_dir).database_url
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return None
    database = open_database(url)
    return Directory(database).facts().organisation if is_current(database) else None


def ready(settings: Settings) -> Settings:
    """The same settings, with the embedded database there; a served one is migrated by `spiral migrate` only."""
    from engine.store import database  # noqa: PLC0415 - as above
    from engine.store.record import upgrade  # noqa: PLC0415 - as above

    if settings.database_url.startswith("sqlite"):
        prepare_directory(settings)
        upgrade.bring_up(settings.database_url)
    elif not database.is_current(database.open_database(settings.database_url)):
        raise SetupError(
            *both("the database is not of this version: run `spiral migrate`"),
        )
    return settings


def _put_in_force(
    kind: str, path: Path, read: Callable[[Path], Document], data_dir: Path | None
) -> "tuple[Document, DocumentPut]":
    from api.services.organisation.credentials import account  # noqa: PLC0415 - it brings the web framework along
    from api.services.organisation.documents import ON_THE_MACHINE  # noqa: PLC0415 - as above
    from engine.contracts.documents import AskedDocument  # noqa: PLC0415 - as above
    from engine.data.shipped import is_sample_city  # noqa: PLC0415 - as above
    from engine.domain.access.log import AccessAct  # noqa: PLC0415 - as above
    from engine.domain.errors import DomainError  # noqa: PLC0415 - as above
    from engine.language.refusals import sentence  # noqa: PLC0415 - as above
    from engine.store.database import open_database  # noqa: PLC0415 - as above
    from engine.store.directory.changes import Changes  # noqa: PLC0415 - as above
    from engine.store.directory.directory import Directory  # noqa: PLC0415 - as above
    from engine.store.registers.access_log import AccessLog  # noqa: PLC0415 - as above

    document = read(path)
    settings = ready(load_settings(data_dir))
    name = getattr(document, "id", path.name)
    database = open_database(settings.database_url)
    asked = AskedDocument(kind, name, document, f"{BY} ({account()})", ON_THE_MACHINE)
    try:
        put = Changes(database, Directory(database), is_sample_city).put(asked)
        log = AccessLog(database, settings.access_log_days)
        log.note(AccessAct.SETTING, account(), datetime.now(UTC), kind, name)
    except DomainError as error:
        refusal = error.refusal
        ja, en = sentence(refusal.code, "ja", refusal.params), sentence(refusal.code, "en", refusal.params)
        raise FileError(path, ja, en) from error
    return document, put


def _say_who_decides(put: "DocumentPut") -> None:
    """An emergency is said to whoever made it; those concerned are told too."""
    from engine.domain.administration.changes import DocumentStanding  # noqa: PLC0415 - as above

    if put.standing is DocumentStanding.EMERGENCY:
        ja, en = both(
            "it changes who decides in {count} places; at once, as an emergency, and those concerned are told",
            count=len(put.changes),
        )
        say(f"{ja} / {en}")
