"""Tables as CSV, workbook or JSON, in chunks of bytes, with memory for a few rows only. Must not know any column.

What is written here, `engine.exchange.records` reads back to the same records, whatever their texts say (ADR 0023).
"""

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from engine.exchange.cells import MARK, RISKY, Value, escaped, guarded, shown
from engine.exchange.overflow import Overflow

BOM = b"\xef\xbb\xbf"
CHUNK = 1 << 16
WIDEST, NARROWEST = 48, 10
_NOT_PLAIN = (*RISKY, MARK, "#")
"""Text that openpyxl would otherwise take for a formula or an error."""


def csv_table(columns: Sequence[str], rows: Iterable[Sequence[Value]], *, bom: bool = False) -> Iterator[bytes]:
    """CSV in UTF-8 with CRLF (RFC 4180); with `bom` a double click in Excel reads it right."""
    if bom:
        yield BOM
    held = io.StringIO(newline="")
    writer = csv.writer(held)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_csv_cell(value) for value in row])
        if held.tell() > CHUNK:
            yield _taken(held)
    yield _taken(held)


def json_table(what: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """JSON: `{"dx_spiral": "cases", "version": 1, "items": [{…}, …]}`, one item a line."""
    held = io.StringIO(newline="")
    held.write(f'{{"dx_spiral": {json.dumps(what)}, "version": 1, "items": [')
    for index, row in enumerate(rows):
        held.write(",\n" if index else "\n")
        json.dump(dict(zip(columns, row, strict=True)), held, ensure_ascii=False, default=_json)
        if held.tell() > CHUNK:
            yield _taken(held)
    held.write("\n]}\n")
    yield _taken(held)


def workbook(what: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """An .xlsx with one sheet of that name: numbers are numbers, days are days, text is never a formula."""
    from openpyxl import Workbook  # noqa: PLC0415 - a start need not wait for workbooks
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - as above

    book = Workbook(write_only=True)
    sheet = book.create_sheet(what)
    sheet.freeze_panes = "B2"
    for index, name in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = max(NARROWEST, min(WIDEST, len(name) * 1.4))
    sheet.append([_bold(sheet, name) for name in columns])
    rests: list[str] = []
    for row in rows:
        sheet.append([_book_cell(sheet, value, rests) for value in row])
    if rests:
        _add_rests(book, rests)
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def _csv_cell(value: Value) -> str:
    return shown(value) if isinstance(value, (int, float)) else guarded(shown(value))


def _json(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(value)


def _book_cell(sheet: Any, value: Value, rests: list[str]) -> Any:
    if isinstance(value, float) and float(f"{value:.16g}") != value:
        return _exact(sheet, value)
    if value is None or isinstance(value, (int, float)):
        return value
    if type(value) is date:
        return value
    text = escaped(shown(value))
    if Overflow.needed(text):
        rests.append(shown(value))
        text = escaped(Overflow.pointing(shown(value), len(rests)))
    return _text(sheet, text) if text.startswith(_NOT_PLAIN) else text or None


def _text(sheet: Any, text: str) -> Any:
    cell = _cell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = True  # Excel's own apostrophe: it stays text when somebody edits it
    cell.number_format = "@"
    return cell


def _exact(sheet: Any, value: float) -> Any:
    """A number with all its seventeen digits; openpyxl would round it to sixteen."""
    cell = _cell(sheet, repr(value))
    cell.data_type = "n"
    return cell


def _bold(sheet: Any, name: str) -> Any:
    from openpyxl.styles import Font  # noqa: PLC0415 - a start need not wait for workbooks

    cell = _cell(sheet, name)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: str) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above

    return WriteOnlyCell(sheet, value=value)


def _add_rests(book: Any, rests: Sequence[str]) -> None:
    sheet = book.create_sheet(Overflow.SHEET)
    sheet.append(list(Overflow.HEADING))
    for number, text in enumerate(rests, start=1):
        for index, piece in enumerate(Overflow.pieces(text), start=1):
            sheet.append([number, index, _text(sheet, escaped(piece))])


def _taken(held: io.StringIO) -> bytes:
    found = held.getvalue().encode()
    held.seek(0)
    held.truncate()
    return found
