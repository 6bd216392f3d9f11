"""An archive of a city: one zip file of everything its database keeps, readable without it.

`manifest.json` says from when it is and what is in it; `tables/NAME.jsonl` holds the rows of one table, a JSON object
a line. What JSON has no word for is marked: `{"$at": …}` an instant in UTC, `{"$on": …}` a day, `{"$bytes": …}` bytes
in base64.
"""

import hashlib
import json
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.exchange.errors import FileError
from engine.language.catalogues import both

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 1_000_000
"""Bytes. It names some forty tables."""
Row = dict[str, Any]


class TableNote(BaseModel):
    """What the archive holds of one table: its number of rows, and the SHA-256 of its file as lower-case hex."""

    model_config = ConfigDict(frozen=True)

    rows: int = Field(ge=0)
    sha256: str


class Manifest(BaseModel):
    """What an archive says of itself.

    Args:
        format: of the archive; a newer one is refused.
        schema_version: the database's migration, so that an older archive is brought up to date when it comes back.
        made_at: aware, UTC.
        key: a fingerprint of the signing key in use; the key itself is not in the archive.
        tables: by name.
    """

    model_config = ConfigDict(frozen=True)

    format: int
    schema_version: str
    made_at: datetime
    key: str
    tables: dict[str, TableNote]


def table_file(name: str) -> str:
    """Where a table's rows are in the archive."""
    return f"tables/{name}.jsonl"


def write_table(archive: zipfile.ZipFile, name: str, rows: Iterable[Row], told: Callable[[int], None]) -> TableNote:
    """Writes the rows one by one; `told` hears of each."""
    digest, count = hashlib.sha256(), 0
    with archive.open(table_file(name), "w", force_zip64=True) as file:
        for row in rows:
            line = json.dumps(row, default=_marked, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            file.write(line)
            digest.update(line)
            count += 1
            told(1)
    return TableNote(rows=count, sha256=digest.hexdigest())


def read_table(archive: zipfile.ZipFile, name: str) -> Iterator[Row]:
    """The rows of a table, one by one."""
    with archive.open(table_file(name)) as file:
        for line in file:
            yield json.loads(line, object_hook=_unmarked)


def read_manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    """What the archive says of itself.

    Raises:
        FileError: it is not one of ours, or newer than this program.
    """
    try:
        if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
            raise _not_ours(path)
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    except (KeyError, ValidationError, zipfile.BadZipFile, OSError) as error:
        raise _not_ours(path) from error
    if manifest.format > FORMAT:
        raise newer(path, f"format {manifest.format}")
    return manifest


def check_whole(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    """Looks whether every table is there as it was written.

    Raises:
        FileError: the first that is not; it names the table.
    """
    for name, note in manifest.tables.items():
        try:
            with archive.open(table_file(name)) as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        except (KeyError, zipfile.BadZipFile, OSError, EOFError) as error:
            raise damaged(path, name) from error
        if found != note.sha256:
            raise damaged(path, name)


def damaged(path: Path, table: str) -> FileError:
    """The archive does not hold what it says it holds."""
    return FileError(path, *both("the backup is damaged (table {table})", table=table))


def newer(path: Path, what: str) -> FileError:
    """The archive was made by a program that knows more than this one."""
    return FileError(
        path,
        *both("made by a newer version ({what}); update first", what=what),
    )


def open_archive(path: Path) -> zipfile.ZipFile:
    """Opens an archive for reading.

    Raises:
        FileError: there is no such file, or it is no archive.
    """
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise FileError(path, *both("there is no such file")) from error
    except (OSError, zipfile.BadZipFile) as error:
        raise _not_ours(path) from error


def _not_ours(path: Path) -> FileError:
    return FileError(path, *both("not a file of `spiral backup`"))


def _marked(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"$at": value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"$on": value.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {"$bytes": b64encode(value).decode()}
    raise TypeError(type(value).__name__)


def _unmarked(found: dict[str, Any]) -> Any:
    match found:
        case {"$at": str(moment)}:
            return datetime.fromisoformat(moment)
        case {"$on": str(day)}:
            return date.fromisoformat(day)
        case {"$bytes": str(content)}:
            return b64decode(content)
        case _:
            return found
