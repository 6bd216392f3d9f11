"""What a model finds wrong in a file, in our own sentences: Japanese and English, never a library's.

A kind of fault without a sentence here is still named at its place, as a value that is not valid.
"""

import re
from typing import Any

from pydantic_core import ErrorDetails

from engine.domain.errors import FieldError
from engine.exchange.errors import WORDS
from engine.language.field_faults import FIELD_FAULTS, said_more_exactly

Pair = tuple[str, str]

SENTENCES: dict[str, Pair] = {
    "missing": WORDS["missing"],
    "extra_forbidden": ("この項目はありません", "there is no such key"),
    "enum": ("次のどれかにしてください: {expected}", "must be one of {expected}"),
    "literal_error": ("次のどれかにしてください: {expected}", "must be one of {expected}"),
    "int_parsing": ("整数が必要です", "must be a whole number"),
    "int_type": ("整数が必要です", "must be a whole number"),
    "int_from_float": ("整数が必要です", "must be a whole number"),
    "float_parsing": ("数が必要です", "must be a number"),
    "float_type": ("数が必要です", "must be a number"),
    "finite_number": ("数が必要です", "must be a number"),
    "bool_parsing": ("true か false にしてください", "must be true or false"),
    "bool_type": ("true か false にしてください", "must be true or false"),
    "string_type": ("文字列が必要です", "must be text"),
    "string_too_short": ("{min_length} 文字以上必要です", "must have at least {min_length} characters"),
    "string_too_long": ("{max_length} 文字までです", "must have at most {max_length} characters"),
    "string_pattern_mismatch": ("書き方が違います: {pattern}", "must look like {pattern}"),
    "too_short": ("{min_length} 件以上必要です", "must have at least {min_length} entries"),
    "too_long": ("{max_length} 件までです", "must have at most {max_length} entries"),
    "greater_than_equal": ("{ge} 以上にしてください", "must be {ge} or more"),
    "greater_than": ("{gt} より大きくしてください", "must be more than {gt}"),
    "less_than_equal": ("{le} 以下にしてください", "must be {le} or less"),
    "less_than": ("{lt} より小さくしてください", "must be less than {lt}"),
    "not_a_date": ("日付は 2027-04-01 のように書いてください", "must be a date, such as 2027-04-01"),
    "date_parsing": ("日付が必要です(例 2027-04-01)", "must be a date, such as 2027-04-01"),
    "date_from_datetime_parsing": ("日付が必要です(例 2027-04-01)", "must be a date, such as 2027-04-01"),
    "date_type": ("日付が必要です(例 2027-04-01)", "must be a date, such as 2027-04-01"),
    "time_delta_parsing": ("長さが必要です(例 PT3S)", "must be a duration, such as PT3S"),
    "time_delta_type": ("長さが必要です(例 PT3S)", "must be a duration, such as PT3S"),
    "tuple_type": ("一覧が必要です", "must be a list"),
    "list_type": ("一覧が必要です", "must be a list"),
    "dict_type": ("項目と値の組が必要です", "must be keys with values"),
    "model_type": ("項目と値の組が必要です", "must be keys with values"),
    "model_attributes_type": ("項目と値の組が必要です", "must be keys with values"),
}
"""By pydantic's kind of error; braces are filled from its context."""

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
    ja, en = SENTENCES.get(error["type"], WORDS["bad_value"])
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
