"""What a model finds wrong in a file, in our own sentences: Japanese and English, never a library's.

A kind of fault without a sentence here is still named at its place, as a value that is not valid.
"""

import re
from typing import Any

from pydantic_core import ErrorDetails

from engine.domain.errors import FieldError
from engine.exchange.errors import WORDS
from engine.language.catalogues import Pair
from engine.language.field_faults import FIELD_FAULTS, said_more_exactly

OURS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"only a concurrence can be an opinion"), "意見(opinion)にできるのは合議(concurrence)だけです"),
    (re.compile(r"superiors stand alone in a stage of kind line"), "superiors は line の段階に単独で置きます"),
    (re.compile(r"not a post: (?P<what>.+)"), "職の書き方が違います: {what}"),
)
"""What our own models say in English, and the same in Japanese."""


def complaint(error: ErrorDetails) -> Pair:
    """One fault in Japanese and English, without its place."""
    context = {name: _listed(value) for name, value in error.get("ctx", {}).items()}
    if error["type"] == "value_error":
        return _of_our_models(str(error.get("ctx", {}).get("error", "")))
    ja, en = WORDS.get(error["type"], WORDS["bad_value"])
    return ja.format(**context).replace(" or ", ", "), en.format(**context)


def said_of(error: FieldError) -> Pair:
    """One fault that our own rules found, without its place."""
    ja, en = FIELD_FAULTS.get(said_more_exactly(error.code, error.params.get("why")), WORDS["bad_value"])
    params = {name: error.params.get(name, "") for name in ("sign", "limit", "first", "last", "pattern", "expected")}
    return ja.format(**params).rstrip("。"), en.format(**params).rstrip(".")


def _of_our_models(said: str) -> Pair:
    for pattern, ja in OURS:
        if found := pattern.fullmatch(said):
            return ja.format(**found.groupdict()), said
    return WORDS["bad_value"]


def _listed(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
