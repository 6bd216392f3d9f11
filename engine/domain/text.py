"""The one text type: what a text that a person or a program sends may hold, and how long it may be.

Only what comes in is held to this. What was written before stays readable, so no event, state or document may use
these types; `engine.domain.cycle.incoming` looks at a whole command or deliverable before it is decided.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from engine.domain.errors import FieldError

_NEVER = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufdd0-\\ufdef"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
    + "]"
)
"""Control characters but tab and LF, lone surrogates, and the signs Unicode keeps for no text (noncharacters)."""
_NOT_IN_A_LINE = re.compile("[\\n\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]")
"""Line ends, and what turns the direction of a line around: a title must not show another text than it holds."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by category that show nothing."""


@dataclass(frozen=True)
class Limits:
    """How long a text may be, and whether it is one line. As a mark on a field it refuses nothing by itself."""

    longest: int
    one_line: bool = False


WORDS = Limits(4000)
TITLE = Limits(200, one_line=True)
NAME = Limits(400, one_line=True)
IDENTIFIER = Limits(120, one_line=True)
CODE = Limits(64, one_line=True)


def normal(text: str) -> str:
    """The text with LF for every line end: browsers send CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def shows(text: str) -> bool:
    """Whether there is anything to see: not only blanks, joiners, marks and the like."""
    return any(unicodedata.category(one)[0] in "LNPS" and one not in _BLANK for one in text)


def forbidden(text: str) -> str | None:
    """The first sign that no text may hold, as `U+000B`; None when there is none."""
    found = _NEVER.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def printable(text: str) -> str:
    """The text with U+FFFD for what may not be written: for what a stranger sent and a refusal repeats."""
    return _NEVER.sub("\ufffd", text)


def fault(text: str, limits: Limits, pointer: str = "") -> FieldError | None:
    """What is wrong with a text, its line ends already normal; None when it may be written."""
    sign = forbidden(text)
    if sign is not None:
        return FieldError(pointer=pointer, code="bad_value", params={"why": "sign", "sign": sign})
    if limits.one_line and _NOT_IN_A_LINE.search(text):
        return FieldError(pointer=pointer, code="bad_value", params={"why": "one_line"})
    if len(text) > limits.longest:
        return FieldError(pointer=pointer, code="too_long", params={"limit": str(limits.longest)})
    return None


@dataclass(frozen=True)
class Written:
    """On a `str`: takes only what may be written within the limits, with normal line ends."""

    limits: Limits

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The text's own schema, then ours."""
        return core_schema.no_info_after_validator_function(self._taken, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """With its greatest length."""
        return handler(schema) | {"maxLength": self.limits.longest}

    def _taken(self, text: str) -> str:
        plain = normal(text)
        wrong = fault(plain, self.limits)
        if wrong is not None:
            raise PydanticCustomError(wrong.code, "not a text that may be written", dict(wrong.params))
        return plain


Words = Annotated[str, Written(WORDS)]
"""What a person says: at most 4,000 signs, on any number of lines."""
Title = Annotated[str, Written(TITLE)]
Identifier = Annotated[str, Written(IDENTIFIER)]
"""The id of a cycle, an initiative, a case."""
Code = Annotated[str, Written(CODE)]
"""The code of a unit, a person, a startup."""
