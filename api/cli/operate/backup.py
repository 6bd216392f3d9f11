"""`spiral backup` and `spiral restore`: a whole city in one file, and back again."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from api.cli.operate.record import open_current, progress
from api.cli.options import DataDir, say
from engine.language.catalogues import both
from engine.runtime.problems import SetupError
from engine.runtime.runfile import running
from engine.runtime.settings import load_settings

Target = Annotated[Path, typer.Argument(help="ファイル / file")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(backup)
    app.command()(restore)


def fingerprint(key: str) -> str:
    """What names a signing key without giving it away: 16 hex digits."""
    return hashlib.sha256(f"spiral backup\n{key}".encode()).hexdigest()[:16]


def backup(path: Target, data_dir: DataDir = None) -> None:
    """すべてを一つのファイルに控える / take everything along in one file, also while it runs."""
    from engine.exchange.backup.backup import back_up, rows_in  # noqa: PLC0415 - other commands need not wait for it

    settings = load_settings(data_dir)
    key = fingerprint(settings.signing_key())
    database = open_current(settings)
    with progress("backup", rows_in(database)) as advance:
        manifest = back_up(database, path, key=key, told=advance)
    held = manifest.tables
    say(f"events {held['journal'].rows}  facts {held['ledger'].rows}  files {held['blob'].rows}  {path}")
    say(f"署名鍵は含まれません / the signing key is not in it: {key}")


def restore(path: Target, data_dir: DataDir = None) -> None:
    """控えを空の場所に戻す / bring a backup back into an empty place."""
    from engine.exchange.backup.backup import bring_back  # noqa: PLC0415 - as above

    settings = load_settings(data_dir)
    if running(settings.data_dir):
        raise SetupError(
            *both("it is running; stop it before you restore: {data_dir}", data_dir=settings.data_dir),
        )
    with progress("restore", None) as advance:
        manifest, cycles = bring_back(settings.database_url, path, advance)
    say(f"cycles {cycles}  events {manifest.tables['journal'].rows}  facts {manifest.tables['ledger'].rows}")
    say(f"署名鍵 / signing key: {manifest.key}")
    say("spiral verify; 起動後に / after the next start: spiral readopt")
