"""A file that cannot be taken: one line, in Japanese and in English, with file, row and column."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

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
            ja, en = f"{ja}; ほか {left} 件", f"{en}; and {left} more"
        return cls(path, ja, en, row=first.row, column=first.key)


WORDS: dict[str, tuple[str, str]] = {
    "exactly_one_citywide": ("全庁(citywide)はちょうど1つ必要です", "there must be exactly one citywide unit"),
    "stands_twice": ("重複しています", "stands twice"),
    "reserved_name": ("この名前は使えません", "this name is kept for the program itself"),
    "citywide_has_no_parent": ("全庁に親はありません", "the citywide unit has no parent"),
    "unknown_unit": ("その組織はありません", "there is no such unit"),
    "unknown_person": ("その職員はいません", "there is no such person"),
    "parent_is_not_above": ("親は上の階層でなければなりません", "the parent must be on a higher level"),
    "ends_before_it_starts": ("終わりが始まりより前です", "it ends before it starts"),
    "two_heads_at_once": ("同じ時期に長が2人います", "two heads at the same time"),
    "no_address": ("メールアドレスではありません", "this is no e-mail address"),
    "address_twice": ("同じメールアドレスの人がほかにいます", "somebody else has the same e-mail address"),
    "missing": ("入力が必要です", "this is needed"),
    "bad_value": ("値が正しくありません", "this value is not valid"),
}
"""What each fault is called."""
