"""Rows out of CSV files and spreadsheets, each with its place. Knows no meaning of any column.

Everything here may come from a stranger: sizes are bounded before anything is unpacked, formulas and merged cells are
refused instead of guessed.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook
from pydantic import BaseModel, ConfigDict

from engine.files.errors import FileError

LARGEST = 20_000_000
"""Bytes of a file; a hundred times that may come out of a spreadsheet's zip."""
UNPACKED = 200_000_000
MOST_ROWS = 100_000


class Row(BaseModel):
    """One row: where it stands and what its columns say, trimmed."""

    model_config = ConfigDict(frozen=True)

    number: int
    values: dict[str, str]


class Table(BaseModel):
    """A file or sheet."""

    model_config = ConfigDict(frozen=True)

    place: str
    rows: tuple[Row, ...]


def read_tables(path: Path, columns: dict[str, tuple[str, ...]]) -> dict[str, Table]:
    """The named tables from a folder of CSV files or one .xlsx.

    Raises:
        FileError: something is not there or cannot be read; the line names file, row and column.
    """
    if path.is_dir():
        return {name: _csv(path / f"{name}.csv", wanted) for name, wanted in columns.items()}
    if path.suffix.lower() == ".xlsx":
        return _sheets(path, columns)
    if not path.exists():
        raise FileError(path, "見つかりません", "there is no such file or folder")
    raise FileError(path, "フォルダーか .xlsx を指定してください", "give a folder of CSV files, or one .xlsx")


def read_text(path: Path) -> str:
    """A text file in UTF-8 (with or without BOM) or CP932."""
    try:
        if path.stat().st_size > LARGEST:
            raise FileError(path, "20 MB を超えています", "larger than 20 MB")
        raw = path.read_bytes()
    except OSError as error:
        raise FileError(path, "読めません", f"cannot be read: {error.strerror or error}") from error
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileError(path, "UTF-8 でも CP932 でもありません", "neither UTF-8 nor CP932")


def _csv(path: Path, wanted: Sequence[str]) -> Table:
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        lines = ((reader.line_num, line) for line in reader)
        return _table(str(path), lines, wanted)
    except csv.Error as error:
        raise FileError(path, "CSV として読めません", f"not CSV: {error}", row=reader.line_num) from error


def _sheets(path: Path, columns: dict[str, tuple[str, ...]]) -> dict[str, Table]:
    _check_package(path)
    try:
        book = load_workbook(path, read_only=False, data_only=False, keep_links=False)
    except Exception as error:
        raise FileError(path, "Excel ブックとして読めません", "cannot be read as a spreadsheet") from error
    tables = {}
    for name, wanted in columns.items():
        if name not in book.sheetnames:
            raise FileError(path, f"シート {name} がありません", f"the sheet {name} is missing")
        sheet, place = book[name], f"{path}!{name}"
        if sheet.merged_cells.ranges:
            merged = str(next(iter(sheet.merged_cells.ranges)))
            raise FileError(place, f"結合セルがあります({merged})", f"merged cells ({merged})")
        lines = ((number, _cells(place, number, row)) for number, row in enumerate(sheet.iter_rows(), start=1))
        tables[name] = _table(place, lines, wanted)
    return tables


def _check_package(path: Path) -> None:
    """A spreadsheet is a zip: what it would unpack to is asked before it is unpacked."""
    try:
        if path.stat().st_size > LARGEST:
            raise FileError(path, "20 MB を超えています", "larger than 20 MB")
        with zipfile.ZipFile(path) as package:
            if sum(entry.file_size for entry in package.infolist()) > UNPACKED:
                raise FileError(path, "展開すると大きすぎます", "too large when unpacked")
    except OSError as error:
        raise FileError(path, "読めません", f"cannot be read: {error.strerror or error}") from error
    except zipfile.BadZipFile as error:
        raise FileError(path, "Excel ブックではありません", "not a spreadsheet") from error


def _cells(place: str, number: int, row: Sequence[object]) -> list[str]:
    found = []
    for cell in row:
        value = getattr(cell, "value", None)
        if getattr(cell, "data_type", "") == "f":
            column = str(getattr(cell, "coordinate", ""))
            raise FileError(place, "数式は使えません", "formulas are not taken", row=number, column=column)
        found.append(_plain(value))
    while found and not found[-1]:
        found.pop()
    return found


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def _table(place: str, lines: Iterator[tuple[int, list[str]]], wanted: Sequence[str]) -> Table:
    _, heading = next(lines, (1, []))
    names = [name.strip() for name in heading]
    for name in names:
        if name not in wanted:
            raise FileError(place, "知らない列です", "this column is not known", row=1, column=name)
        if names.count(name) > 1:
            raise FileError(place, "列が重複しています", "this column stands twice", row=1, column=name)
    for name in wanted:
        if name not in names:
            raise FileError(place, "列がありません", "this column is missing", row=1, column=name)
    rows = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(names):
            raise FileError(place, "列が多すぎます", "more columns than the heading has", row=number)
        padded = [*cells, *[""] * (len(names) - len(cells))]
        rows.append(Row(number=number, values=dict(zip(names, (cell.strip() for cell in padded), strict=True))))
        if len(rows) > MOST_ROWS:
            raise FileError(place, "100,000 行までです", "at most 100,000 rows", row=number)
    return Table(place=place, rows=tuple(rows))
