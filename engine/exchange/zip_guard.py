"""Is this file what its name says, and safe to unpack? Asked before any library opens it.

A workbook is a zip of XML: its entries are counted and their sizes added up before one is unpacked, and every part is
looked through for document types (external entities, billion laughs) and merged cells. Must not know any column.
"""

import re
import struct
import zipfile
import zlib
from pathlib import Path

from engine.exchange.errors import FileError
from engine.language.catalogues import both

LARGEST = 20_000_000
"""Bytes of a file."""
UNPACKED = 120_000_000
"""Bytes that may come out of a workbook."""
RATIO = 200
"""How many times larger than the file that may be: real workbooks stay below fifty."""
SMALL = 4_000_000
"""Bytes below which the ratio says nothing."""
ENTRIES = 2_000
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]{0,200}?\bref=[\"']([A-Za-z0-9:$]{1,40})")
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError, struct.error)
"""What reading a zip stops at when it is none, is damaged, or is packed in a way nobody uses."""
_CHUNK, _OVERLAP = 1 << 20, 512


def read_bytes(path: Path, name: str, largest: int = LARGEST) -> bytes:
    """A whole file that is no workbook in disguise.

    Raises:
        FileError: cannot be read, too large, empty, or not text.
    """
    try:
        if path.stat().st_size > largest:
            raise too_large(name, largest)
        raw = path.read_bytes()
    except OSError as error:
        raise FileError(name, *both("cannot be read: {why}", why=error.strerror or error)) from error
    if not raw.strip():
        raise FileError(name, *both("the file is empty"))
    if raw.startswith((ZIP, OLE)):
        raise FileError(
            name,
            *both("this is a workbook, not text; save it with the ending .xlsx"),
        )
    return raw


def decoded(raw: bytes, name: str) -> str:
    """Text in UTF-8 (with or without BOM), CP932, or UTF-16 with a BOM.

    Raises:
        FileError: names the line where no reading goes on.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp932")
    reached = 0
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            reached = max(reached, error.start)
    row = raw.count(b"\n", 0, reached) + 1
    value = raw[reached]
    raise FileError(
        name,
        *both("neither UTF-8 nor CP932 from here on (byte 0x{value:02X})", value=value),
        row=row,
    )


def check_workbook(path: Path, name: str, largest: int = LARGEST) -> None:
    """Looks at a workbook's zip without unpacking it whole.

    Raises:
        FileError: no zip, too large, would unpack to too much, or holds a document type.
    """
    try:
        size = path.stat().st_size
        if size > largest:
            raise too_large(name, largest)
        with path.open("rb") as file:
            start = file.read(4)
        if start == OLE:
            raise FileError(
                name,
                *both("an old or password-protected workbook; save it as .xlsx without a password"),
            )
        if not start:
            raise FileError(name, *both("the file is empty"))
        with zipfile.ZipFile(path) as package:
            _check_sizes(package, size, name, largest)
            for entry in package.infolist():
                if entry.filename.lower().endswith((".xml", ".rels", ".vml")) and _found(package, entry, _DOCTYPE):
                    raise FileError(name, *both("a workbook with a DTD is not taken"))
    except OSError as error:
        raise FileError(name, *both("cannot be read: {why}", why=error.strerror or error)) from error
    except DAMAGED as error:
        raise not_a_workbook(name) from error


def merged_cell(path: Path, part: str) -> str | None:
    """The first range of merged cells in a sheet's part of the package, such as `A1:B2`."""
    with zipfile.ZipFile(path) as package:
        return _found(package, package.getinfo(part), _MERGED)


def not_a_workbook(name: str) -> FileError:
    """The refusal of what only pretends to be a workbook, or is damaged."""
    return FileError(name, *both("not a spreadsheet, or a damaged one"))


def _check_sizes(package: zipfile.ZipFile, size: int, name: str, largest: int) -> None:
    entries = package.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    bound = max(UNPACKED, largest * 6)
    if len(entries) > ENTRIES or unpacked > bound or (unpacked > SMALL and unpacked > RATIO * size):
        raise FileError(name, *both("too large when unpacked"))


def _found(package: zipfile.ZipFile, entry: zipfile.ZipInfo, pattern: re.Pattern[bytes]) -> str | None:
    kept = b""
    with package.open(entry) as part:
        while chunk := part.read(_CHUNK):
            # UTF-16 would hide every word from the search, and no program writes it here.
            text = (kept + chunk).replace(b"\x00", b"")
            found = pattern.search(text)
            if found:
                return (found[1] if pattern.groups else found[0]).decode("ascii", "replace")
            kept = text[-_OVERLAP:]
    return None


def too_large(name: str, largest: int) -> FileError:
    """The refusal of a file above its limit."""
    megabytes = largest // 1_000_000
    return FileError(name, *both("larger than {megabytes} MB", megabytes=megabytes))
