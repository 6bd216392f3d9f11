"""Text that is too long for one cell of a workbook: the whole of it stands on a sheet of its own, in pieces."""

import re
from typing import Any, ClassVar

from engine.exchange.cells import unescaped

FULL = 32_000
"""UTF-16 units that a cell is given; Excel holds 32,767."""
PIECE = 4_000
"""Characters of a piece; spelled as `_x000D_` each takes seven."""
_POINTS = re.compile(r"\u2026\[([1-9][0-9]{0,6})\]$")


class Overflow:
    """The rests by number, in pieces."""

    SHEET: ClassVar[str] = "continued"
    HEADING: ClassVar[tuple[str, ...]] = ("number", "piece", "text")

    def __init__(self, rests: dict[int, str] | None = None) -> None:
        self._rests = rests or {}

    @classmethod
    def read(cls, book: Any) -> "Overflow":
        """From a workbook; nothing when it has no such sheet."""
        if cls.SHEET not in book.sheetnames:
            return cls()
        sheet = book[cls.SHEET]
        sheet.reset_dimensions()
        rests: dict[int, str] = {}
        for row in sheet.iter_rows(min_row=2, values_only=True):
            if len(row) >= len(cls.HEADING) and isinstance(row[0], int):
                rests[row[0]] = rests.get(row[0], "") + unescaped(str(row[2] or ""))
        return cls(rests)

    @staticmethod
    def needed(text: str) -> bool:
        """Whether a text, spelled as it stands in a workbook, is too long for one cell."""
        return len(text) > FULL // 2 and len(text.encode("utf-16-le")) // 2 > FULL

    @staticmethod
    def pieces(text: str) -> list[str]:
        """The text cut into what one cell holds each, however it is spelled."""
        return [text[start : start + PIECE] for start in range(0, len(text), PIECE)]

    @staticmethod
    def pointing(text: str, number: int) -> str:
        """How the text begins, and where the whole of it stands."""
        return f"{text[:PIECE]}\u2026[{number}]"

    def whole(self, cell: str) -> str:
        """The text of a cell, or the whole of it when the cell only points there."""
        found = _POINTS.search(cell) if self._rests else None
        rest = self._rests.get(int(found[1])) if found else None
        return rest if found and rest and found.start() == PIECE and rest.startswith(cell[:PIECE]) else cell
