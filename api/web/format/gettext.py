"""Words of the pages: gettext catalogues read from `.po` at start, and what our values are called.

Texts are English in code and templates; `locale/ja/*.po` hold the Japanese, several files so that rooms do not
collide. A text that stands in data and is translated later is marked with `N_`.
"""

import io
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from engine.language.enums import WORDS
from engine.language.refusals import Language

LOCALE = Path(__file__).parents[1] / "locale"


def N_(text: str) -> str:  # noqa: N802 - gettext's name for it
    """Marks a text for the catalogues without translating it yet."""
    return text


@cache
def translations(language: Language) -> NullTranslations:
    """The catalogue of a language; English is what the texts are written in."""
    if language == "en":
        return NullTranslations()
    merged = Translations()
    for file in sorted((LOCALE / language).glob("*.po")):
        with file.open("rb") as source:
            catalogue = read_po(source, locale=language)
        binary = io.BytesIO()
        write_mo(binary, catalogue)
        binary.seek(0)
        merged.merge(one := Translations(binary))
        merged.plural = one.plural  # merging takes the texts only, and the default counts as English does
    return merged


def said(text: str, language: Language, **params: object) -> str:
    """A text in a language, its `%(name)s` filled in."""
    found: str = translations(language).gettext(text)
    return found % params if params else found


def name_of(value: StrEnum | str, language: Language, kind: str | None = None) -> str:
    """What one of our values is called (docs/guides/field-words.md); `kind` names the type of a plain string."""
    pair = WORDS.get(kind or type(value).__name__, {}).get(str(value))
    if pair is None:
        return str(value)
    found = pair[0] if language == "ja" else pair[1]
    return found[:1].upper() + found[1:]
