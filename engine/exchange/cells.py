"""Text in and out of cells, so that no spreadsheet runs it and it reads back to the same text (ADR 0023).

CSV knows no types, so text that a spreadsheet would take for a formula gets an apostrophe in front; reading takes
that one away again. A workbook knows types: there text is text, marked with Excel's own sign for that. Must not know
what any column means.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula; a Japanese Excel takes the wide ones too."""
MARK = "'"
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a calendar's day, in no zone
"""Where Excel's calendar begins, unless a workbook says 1904."""
EXACT = 2**53
"""Below this every whole number is one float."""
Value = str | int | float | bool | date | datetime | tuple[str, ...] | None

_STRAY = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def guarded(text: str) -> str:
    """Text as it stands in a CSV cell."""
    return MARK + text if text.startswith((*RISKY, MARK)) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` put into a cell; a cell of anybody else's hand stays as it is."""
    return cell[1:] if cell.startswith(MARK) and cell[1:].startswith((*RISKY, MARK)) else cell


def escaped(text: str) -> str:
    """Text as it stands in a workbook: control characters are spelled `_x000D_` (ECMA-376, ST_Xstring)."""
    return _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescaped(text: str) -> str:
    """The text that `escaped` spelled."""
    return _STRAY.sub(lambda found: chr(int(found[1], 16)), text)


def shown(value: Value) -> str:
    """A value as plain text: ISO dates, numbers without a needless `.0`, one item of a list a line."""
    match value:
        case None | "":
            return ""
        case bool() | int() | float():
            return _number(value)
        case datetime() | date():
            return value.isoformat()
        case tuple():
            return "\n".join(_line(item) for item in value)
        case str():
            return value


def plain(value: object, *, is_date: bool = False, epoch: datetime = EPOCH) -> str:
    """What a workbook's cell says as text; a bare number in a column of dates is a serial of Excel's calendar.

    Raises:
        ValueError: the serial is no day.
    """
    if isinstance(value, (int, float)):
        return _day_of_serial(value, epoch) if is_date and not isinstance(value, bool) else _number(value)
    if isinstance(value, (datetime, date)):
        return _day(value)
    return "" if value is None else unescaped(str(value))


def _number(value: float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if abs(value) < EXACT and value == int(value):
        return str(int(value))
    return repr(value)


def _day(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise ValueError(value)  # a time of day, which is what a serial below 1 means


def _day_of_serial(serial: float, epoch: datetime) -> str:
    from openpyxl.utils.datetime import from_excel  # noqa: PLC0415 - a start need not wait for workbooks

    return _day(from_excel(serial, epoch))


def _line(item: str) -> str:
    r"""One item of a list: its own line ends are spelled `\n`, and an empty one `\e`, so that it shows at all."""
    if item == "":
        return r"\e"
    return item.replace("\\", "\\\\").replace("\n", r"\n").replace("\r", r"\r")


_SPELLED = {"\\\\": "\\", r"\n": "\n", r"\r": "\r", r"\e": ""}


def lines_of(cell: Any) -> Any:
    """The items of a list from its cell."""
    if not isinstance(cell, str):
        return cell
    unspelled: Callable[[re.Match[str]], str] = lambda found: _SPELLED[found[0]]  # noqa: E731
    return tuple(re.sub(r"\\[\\nre]", unspelled, line) for line in cell.split("\n")) if cell else ()


Lines = Annotated[tuple[str, ...], BeforeValidator(lines_of)]
"""A list of texts that has one cell."""
