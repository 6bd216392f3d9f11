"""Rows out of CSV files and workbooks, each with its place, one at a time. Knows no meaning of any column.

Everything here may come from a stranger: see `packages` for what is asked before a file is opened. Formulas, merged
cells and hidden sheets are refused instead of guessed; a row lives only as long as somebody looks at it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from engine.exchange.cells import plain, unguarded
from engine.exchange.errors import FileError
from engine.exchange.overflow import Overflow
from engine.exchange.zip_guard import (
    DAMAGED,
    LARGEST,
    check_workbook,
    decoded,
    merged_cell,
    not_a_workbook,
    read_bytes,
)
from engine.language.catalogues import both

MOST_ROWS = 100_000
LONGEST_CELL = 32_767
"""Characters of a cell: what Excel itself holds."""
_FIELD_LIMIT = 4_000_000

csv.field_size_limit(_FIELD_LIMIT)  # ours is checked below, with the column's name


class Row(BaseModel):
    """One row: where it stands and what its columns say."""

    model_config = ConfigDict(frozen=True)

    number: int
    values: dict[str, str]


class Table(BaseModel):
    """A file or sheet."""

    model_config = ConfigDict(frozen=True)

    place: str
    rows: tuple[Row, ...]


class Layout(BaseModel):
    """Which columns a table has.

    Args:
        name: the sheet's name in a workbook.
        columns: the columns it may have.
        needed: those it must have.
        dates: columns of days; a bare number there is Excel's serial.
        codes: columns of codes; a bare number there is refused.
        exact: keep blanks around the text, and its lines, as they are.
        longest: characters that a cell may hold.
        most: rows that it may have.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]
    dates: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    exact: bool = False
    longest: int = LONGEST_CELL
    most: int = MOST_ROWS


def read_tables(
    path: Path,
    columns: dict[str, tuple[str, ...]],
    dates: frozenset[str] = frozenset(),
    codes: frozenset[str] = frozenset(),
) -> dict[str, Table]:
    """The named tables, with exactly these columns, from a folder of CSV files or one .xlsx.

    Raises:
        FileError: something is not there or cannot be read; the line names file, row and column.
    """
    layouts = [
        Layout(name=name, columns=wanted, needed=wanted, dates=dates, codes=codes) for name, wanted in columns.items()
    ]
    if path.is_dir():
        found = {layout.name: (path / f"{layout.name}.csv", layout) for layout in layouts}
        return {
            name: Table(place=str(file), rows=tuple(_csv_rows(file, str(file), layout, LARGEST)))
            for name, (file, layout) in found.items()
        }
    if path.suffix.lower() == ".xlsx":
        return {
            layout.name: Table(
                place=f"{path}!{layout.name}", rows=tuple(_sheet_rows(path, str(path), layout, LARGEST, only=False))
            )
            for layout in layouts
        }
    if not path.exists():
        raise FileError(path, *both("there is no such file or folder"))
    raise FileError(path, *both("give a folder of CSV files, or one .xlsx"))


def rows_of(path: Path, layout: Layout, *, name: str | None = None, largest: int = LARGEST) -> Iterator[Row]:
    """The rows of one table, from a .csv, or from the sheet of that name (or the only one) of an .xlsx.

    Args:
        path: the file.
        layout: its columns.
        name: what to call it in errors, when it was handed in under another name.
        largest: bytes that it may have.

    Raises:
        FileError: as soon as something is wrong, with file, row and column.
    """
    called = name or str(path)
    match path.suffix.lower():
        case ".xlsx":
            return _sheet_rows(path, called, layout, largest, only=True)
        case ".csv" | ".txt":
            return _csv_rows(path, called, layout, largest)
        case _:
            raise FileError(called, *both("give a .csv or an .xlsx file"))


def read_text(path: Path) -> str:
    """A text file in UTF-8 (with or without BOM) or CP932."""
    return decoded(read_bytes(path, str(path)), str(path))


def _csv_rows(path: Path, name: str, layout: Layout, largest: int) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(decoded(read_bytes(path, name, largest), name), newline=""), strict=True)
    lines = ((reader.line_num, [unguarded(cell) for cell in line]) for line in reader)
    try:
        yield from _table(name, lines, layout)
    except csv.Error as error:
        raise FileError(name, *both("not CSV: {error}", error=error), row=reader.line_num) from error


def _sheet_rows(path: Path, name: str, layout: Layout, largest: int, *, only: bool) -> Iterator[Row]:
    from openpyxl import load_workbook  # noqa: PLC0415 - a start need not wait for workbooks

    check_workbook(path, name, largest)
    try:
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except Exception as error:
        raise FileError(name, *both("cannot be read as a spreadsheet")) from error
    with closing(book):
        sheet, place = _sheet(book, layout, name, only=only)
        try:
            merged = merged_cell(path, sheet._worksheet_path)  # noqa: SLF001 - openpyxl tells it nowhere else
        except DAMAGED as error:
            raise not_a_workbook(name) from error
        if merged:
            raise FileError(place, *both("merged cells ({merged})", merged=merged))
        sheet.reset_dimensions()  # what the file says of its size is a stranger's word
        overflow = Overflow.read(book)
        try:
            yield from _table(place, _lines(sheet, place, layout, book.epoch, overflow), layout)
        except FileError:
            raise
        except Exception as error:
            raise FileError(place, *both("cannot be read as a spreadsheet")) from error


def _sheet(book: Any, layout: Layout, name: str, *, only: bool) -> tuple[Any, str]:
    names = [one for one in book.sheetnames if one != Overflow.SHEET]
    if layout.name in names:
        chosen = layout.name
    elif only and len(names) == 1:
        chosen = names[0]
    else:
        raise FileError(name, *both("the sheet {name} is missing", name=layout.name))
    sheet, place = book[chosen], f"{name}!{chosen}"
    if not hasattr(sheet, "_worksheet_path"):
        raise FileError(place, *both("a sheet of charts has no rows"))
    if sheet.sheet_state != "visible":
        raise FileError(place, *both("the sheet is hidden; show it"))
    return sheet, place


def _lines(
    sheet: Any, place: str, layout: Layout, epoch: datetime, overflow: Overflow
) -> Iterator[tuple[int, list[str]]]:
    dated: set[int] = set()
    coded: set[int] = set()
    for number, row in enumerate(sheet.iter_rows(max_row=layout.most + 10_000), start=1):
        for index in coded:
            _not_a_number(row[index] if index < len(row) else None, index, number, place)
        found = [_cell(cell, index, number, place, epoch, is_date=index in dated) for index, cell in enumerate(row)]
        while found and not found[-1]:
            found.pop()
        if not dated and number == 1:
            dated = {index for index, title in enumerate(found) if title.strip() in layout.dates}
            coded = {index for index, title in enumerate(found) if title.strip() in layout.codes}
        yield number, [overflow.whole(cell) for cell in found]


def _place(index: int, number: int) -> str:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - as above

    return f"{get_column_letter(index + 1)}{number}"


def _not_a_number(cell: Any, index: int, number: int, place: str) -> None:
    """A spreadsheet makes 110 of the code 0110: what came before cannot be known, so nobody guesses it."""
    if isinstance(getattr(cell, "value", None), (int, float)):
        raise FileError(
            place,
            *both(
                "a code has become a number and may have lost its zeros; format the cell as text and enter it again"
            ),
            row=number,
            column=_place(index, number),
        )


def _cell(cell: Any, index: int, number: int, place: str, epoch: datetime, *, is_date: bool) -> str:  # noqa: PLR0913
    kind, column = getattr(cell, "data_type", ""), _place(index, number)
    if kind == "f":
        raise FileError(place, *both("formulas are not taken"), row=number, column=column)
    if kind == "e":
        raise FileError(place, *both("an error value ({value})", value=cell.value), row=number, column=column)
    try:
        return plain(cell.value, is_date=is_date, epoch=epoch)
    except (ValueError, OverflowError) as error:
        raise FileError(place, *both("not a date"), row=number, column=column) from error


def _table(place: str, lines: Iterator[tuple[int, list[str]]], layout: Layout) -> Iterator[Row]:
    _, heading = next(lines, (1, []))
    names = [name.strip() for name in heading]
    _check_heading(place, names, layout)
    count = 0
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(names):
            raise FileError(place, *both("more columns than the heading has"), row=number)
        count += 1
        if count > layout.most:
            raise FileError(place, *both("at most {most:,} rows", most=layout.most), row=number)
        yield Row(number=number, values=dict(_values(place, number, names, cells, layout)))


def _values(
    place: str, number: int, names: Sequence[str], cells: Sequence[str], layout: Layout
) -> Iterable[tuple[str, str]]:
    for index, name in enumerate(names):
        cell = cells[index] if index < len(cells) else ""
        if len(cell) > layout.longest:
            raise FileError(
                place,
                *both("at most {longest:,} characters in a cell", longest=layout.longest),
                row=number,
                column=name,
            )
        yield name, cell if layout.exact else cell.strip()


def _check_heading(place: str, names: Sequence[str], layout: Layout) -> None:
    if not any(names):
        raise FileError(place, *both("there is no heading"), row=1)
    for sign, ja, en in (("\t", *both("tabs")), (";", *both("semicolons"))):
        if len(names) == 1 and sign in names[0]:
            raise FileError(
                place,
                *both("separated by {en}; save it with commas", ja=ja, en=en),
                row=1,
            )
    for name in names:
        if name not in layout.columns:
            raise FileError(place, *both("this column is not known"), row=1, column=name[:100])
        if names.count(name) > 1:
            raise FileError(place, *both("this column stands twice"), row=1, column=name)
    for name in layout.needed:
        if name not in names:
            raise FileError(place, *both("this column is missing"), row=1, column=name)
