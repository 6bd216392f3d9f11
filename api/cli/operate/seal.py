"""`spiral seal`, and what `spiral verify --against` does: the record beside seals that were kept elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import DataDir, say
from engine.language.catalogues import both
from engine.runtime.problems import SetupError
from engine.runtime.settings import load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from engine.runtime.seals import Seal
    from engine.store.record.digests import Digests


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(seal)


def seal(
    key: Annotated[
        Path | None,
        typer.Option("--key", help="秘密鍵 (PEM) / private key (PEM)", show_default="seal.key"),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """記録全体の封印を1行で出力する。別の場所に保管する / print one line that seals the record; keep it elsewhere."""
    from api.cli.operate.record import open_current  # noqa: PLC0415 - `spiral --help` need not wait for it
    from engine.runtime.daily_seal import seal_now  # noqa: PLC0415 - as above

    settings = load_settings(data_dir)
    say(str(seal_now(open_current(settings), settings, key)))


def against(path: Path, database: "Engine", public_key: str | None = None) -> list[str]:
    """What of the record is not as the seals in a file say: a line for each seal and part that differs.

    Raises:
        SetupError: the file cannot be read, or holds no seal.
    """
    from engine.store.record import digests as record  # noqa: PLC0415 - as above
    from engine.store.registers.installation import installation_of  # noqa: PLC0415 - as above

    seals, faults = _seals(path)
    faults += _signed_by(seals, public_key)
    return faults + _compared(seals, record.digests(database, _ends(seals)), installation_of(database).id)


def offline(export: Path, path: Path | None, public_key: str | None = None) -> list[str]:
    """The same of an export, without any database, and where it contradicts itself; says what it looked at.

    Raises:
        FileError: the export is none, or damaged.
        SetupError: the file of seals cannot be read, or holds no seal.
    """
    from engine.exchange.backup.offline import OfflineCheck  # noqa: PLC0415 - as above

    seals, faults = _seals(path) if path is not None else ([], [])
    found = OfflineCheck(export)
    digests = found.run(_ends(seals))
    rows = found.rows
    say(f"events {rows['journal']}  facts {rows['ledger']}  documents {rows['documents']}")
    faults += [f"{where}: {code}" for code, where in found.faults]
    if path is None:
        return faults
    return faults + _signed_by(seals, public_key) + _compared(seals, digests, found.installation)


def _ends(seals: "list[Seal]") -> list[dict[str, int]]:
    from engine.store.record import digests as record  # noqa: PLC0415 - as above

    return [{part: one.parts.get(part, (0, ""))[0] for part in record.PARTS} for one in seals]


def _signed_by(seals: "list[Seal]", public_key: str | None) -> list[str]:
    keys = sorted({one.key for one in seals})
    say(f"封印 {len(seals)} 件と照合 / compared with {len(seals)} seals, key {' '.join(keys)}")
    faults = [f"seal of {one.at}: not_genuine" for one in seals if not one.is_genuine]
    return faults + [f"seal of {one.at}: other_key" for one in seals if public_key not in {None, one.key}]


def _compared(seals: "list[Seal]", now: "list[Digests]", ours: str) -> list[str]:
    faults = [
        f"seal of {one.at}: other_installation ({one.installation})" for one in seals if one.installation != ours
    ]
    for one, found in zip(seals, now, strict=True):
        faults += [
            f"seal of {one.at}: {part}_differs (up to {end})"
            for part, (end, digest) in one.parts.items()
            if found.get(part) != digest
        ]
    return faults


def _seals(path: Path) -> "tuple[list[Seal], list[str]]":
    from engine.runtime.seals import read_seal  # noqa: PLC0415 - as above

    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(*both("cannot read the seals in {path}", path=path)) from error
    if not lines:
        raise SetupError(*both("there is no seal in {path}", path=path))
    seals: list[Seal] = []
    faults: list[str] = []
    for number, line in enumerate(lines, start=1):
        found = read_seal(line)
        if found is None:
            faults.append(f"{path.name}, line {number}: no_seal")
        else:
            seals.append(found)
    return seals, faults
