"""What every value of the domain's enumerations is called, in Japanese and English (docs/guides/field-words.md)."""

from collections.abc import Mapping
from enum import StrEnum

from engine.language.catalogues import Language, Pair, Pairs, by_kind, either

WORDS: Mapping[str, Mapping[str, Pair]] = by_kind(Pairs("values", "moves"))
"""Japanese and English by the enumeration's name and value."""


def word(value: StrEnum, language: Language) -> str:
    """What a value of an enumeration is called."""
    pair = WORDS.get(type(value).__name__, {}).get(value.value)
    return either(pair, language) if pair else value.value
