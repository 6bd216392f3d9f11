"""A file that cannot be taken: one line, in Japanese and in English, with file, row and column."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from engine.language.catalogues import Pair, Pairs, both

MOST_NAMED = 50
"""Faults of one file that are named one by one; the rest is a number."""


class Fault(NamedTuple):
    """One thing that is wrong in a file: line, key, and what is wrong there in both languages.

    Args:
        place: the file or sheet, where several are read at once.
    """

    row: int
    key: str
    ja: str
    en: str
    place: str = ""

    def stands_at(self, told: str) -> str:
        """Its place, without the file that was `told` already."""
        row = f"{self.row} [{self.key}]" if self.key else str(self.row)
        return row if self.place in ("", told) else f"{self.place}:{row}"


class FileError(Exception):
    """`str()` is the line to print: place first, then what is wrong there.

    Args:
        path: the file.
        row: line of a CSV or YAML file, row of a sheet, counted from 1 with the heading.
        column: the column's name, or the key in a YAML file.
    """

    def __init__(
        self, path: Path | str, ja: str, en: str, *, row: int | None = None, column: str | None = None
    ) -> None:
        place = str(path)
        if row is not None:
            place += f":{row}"
        if column:
            place += f" [{column}]"
        super().__init__(f"{place}: {ja} / {en}")
        self.ja = f"{place}: {ja}"
        self.en = f"{place}: {en}"
        self.row = row
        self.column = column

    @classmethod
    def several(cls, path: Path | str, faults: Sequence[Fault]) -> Self:
        """Every fault (at least one) on one line, each with its place, in each language."""
        first, *others = faults
        named, left = others[: MOST_NAMED - 1], len(others) - MOST_NAMED + 1
        places = [one.stands_at(str(path)) for one in named]
        ja = first.ja + "".join(f"; {at}: {one.ja}" for at, one in zip(places, named, strict=True))
        en = first.en + "".join(f"; {at}: {one.en}" for at, one in zip(places, named, strict=True))
        if left > 0:
            ja, en = both("{en}; and {left} more", ja=ja, left=left, en=en)
        return cls(path, ja, en, row=first.row, column=first.key)


WORDS: Mapping[str, Pair] = Pairs("file-faults")
"""What each fault is called."""
