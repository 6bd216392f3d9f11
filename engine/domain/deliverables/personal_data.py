"""Texts that look as if they named a person: a warning to whoever writes, and never a refusal.

It knows shapes only (an address of mail, a telephone number, twelve digits like a 個人番号); a name or an illness it
cannot know, so the form also says in words what to leave out.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

from pydantic import BaseModel


class PersonalData(StrEnum):
    """What a text seems to hold."""

    MAIL = "mail"
    TELEPHONE = "telephone"
    NUMBER = "number"


_SHAPES = (
    (PersonalData.MAIL, re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")),
    (PersonalData.TELEPHONE, re.compile(r"(?<!\d)0\d{1,4}[-‐–—ー() ]\d{1,4}[-‐–—ー() ]\d{3,4}(?!\d)")),
    (PersonalData.TELEPHONE, re.compile(r"(?<!\d)0[5-9]0\d{8}(?!\d)")),
    (PersonalData.NUMBER, re.compile(r"(?<!\d)\d{4}[- ]?\d{4}[- ]?\d{4}(?!\d)")),
)


def seen_in(text: str) -> PersonalData | None:
    """What a text seems to hold, whatever its width; None for nothing."""
    plain = unicodedata.normalize("NFKC", text)
    return next((kind for kind, shape in _SHAPES if shape.search(plain)), None)


def places(value: object, at: str = "") -> Iterator[tuple[str, PersonalData]]:
    """Every place in a deliverable that seems to hold personal data, as a JSON pointer."""
    match value:
        case StrEnum():
            pass
        case str():
            if (kind := seen_in(value)) is not None:
                yield at, kind
        case BaseModel():
            for name, info in type(value).model_fields.items():
                yield from places(getattr(value, name), f"{at}/{info.alias or name}")
        case tuple() | list():
            for index, one in enumerate(value):
                yield from places(one, f"{at}/{index}")
