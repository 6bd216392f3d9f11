"""The catalogues: gettext's `.po` files under `locale/ja`, read once, where a text is first asked for.

English is what a text is written in (`msgid`), Japanese what it is translated to (`msgstr`). Two kinds of catalogue:

* words with a key (`msgctxt`): a refusal's code, a field's path, an enumeration's type and value. `pairs` gives them.
* texts without one, written in English where they are said: `both` for one line in both languages (`lines`), and
  `translations` for the pages (`pages`).

Must not know who asks. A language more is a folder more, and a place in `Language`.
"""

import io
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog
    from babel.support import NullTranslations

Language = Literal["ja", "en"]
Pair = tuple[str, str]
"""Japanese and English."""

LOCALE = Path(__file__).parent / "locale" / "ja"


class Pairs(Mapping[str, Pair]):
    """The words of some catalogues by their key, read when the first is asked for.

    Args:
        subjects: the names of the files, without their end.
    """

    def __init__(self, *subjects: str) -> None:
        self._subjects = subjects

    def __getitem__(self, key: str) -> Pair:
        return _read(self._subjects)[key]

    def __iter__(self) -> Iterator[str]:
        return iter(_read(self._subjects))

    def __len__(self) -> int:
        return len(_read(self._subjects))


@cache
def _read(subjects: tuple[str, ...]) -> dict[str, Pair]:
    return {
        str(message.context): (str(message.string), str(message.id))
        for subject in subjects
        for message in catalogue(LOCALE / f"{subject}.po")
        if message.context
    }


def either(pair: Pair, language: Language) -> str:
    """The half of a pair in that language."""
    return pair[0] if language == "ja" else pair[1]


def both(text: str, **params: object) -> Pair:
    """One line in Japanese and English, where whoever reads it has not said in which.

    Args:
        text: English, as it stands in one of the catalogues in `lines`.
        params: what its `{name}` are filled with; a text without any is taken as it is.
    """
    ja = _one_line().get(text, text)
    return (ja.format(**params), text.format(**params)) if params else (ja, text)


@cache
def _one_line() -> dict[str, str]:
    return {
        str(message.id): str(message.string)
        for file in sorted((LOCALE / "lines").glob("*.po"))
        for message in catalogue(file)
        if message.id
    }


def catalogue(file: Path) -> "Catalog":
    """One file as Babel reads it."""
    from babel.messages.pofile import read_po  # noqa: PLC0415 - a command that has nothing to say does not wait for it

    with file.open("rb") as source:
        return read_po(source, locale="ja")


@cache
def translations(language: Language) -> "NullTranslations":
    """What the pages say in a language; English is what they are written in."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - as above
    from babel.support import NullTranslations, Translations  # noqa: PLC0415

    if language == "en":
        return NullTranslations()
    merged = Translations()
    for file in sorted((LOCALE / "pages").glob("*.po")):
        binary = io.BytesIO()
        write_mo(binary, catalogue(file))
        binary.seek(0)
        merged.merge(one := Translations(binary))
        merged.plural = one.plural  # merging takes the texts only, and the default counts as English does
    return merged


def by_kind(words: Mapping[str, Pair]) -> dict[str, dict[str, Pair]]:
    """Words whose key is `Type.value`, by type and value."""
    found: dict[str, dict[str, Pair]] = {}
    for key, pair in words.items():
        kind, _, value = key.partition(".")
        found.setdefault(kind, {})[value] = pair
    return found
