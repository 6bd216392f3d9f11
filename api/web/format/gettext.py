"""Words of the pages: said in English in code and templates, and looked up in the catalogues of `engine.language`.

A text that stands in data and is translated later is marked with `N_`.
"""

from enum import StrEnum

from engine.language.catalogues import Language, translations
from engine.language.enums import WORDS


def N_(text: str) -> str:  # noqa: N802 - gettext's name for it
    """Marks a text for the catalogues without translating it yet."""
    return text


def said(text: str, language: Language, **params: object) -> str:
    """A text in a language, its `%(name)s` filled in."""
    found: str = translations(language).gettext(text)
    return found % params if params else found


def ngettext(one: str, many: str, number: int, language: Language) -> str:
    """The text for a number of things, its `%(number)s` filled in."""
    return translations(language).ngettext(one, many, number) % {"number": number}


def name_of(value: StrEnum | str, language: Language, kind: str | None = None) -> str:
    """What one of our values is called (docs/guides/field-words.md); `kind` names the type of a plain string."""
    pair = WORDS.get(kind or type(value).__name__, {}).get(str(value))
    if pair is None:
        return str(value)
    found = pair[0] if language == "ja" else pair[1]
    return found[:1].upper() + found[1:]
