"""What a refusal says to people, in Japanese and English, keyed by its code. Must not know HTTP or rules.

A text names what is wrong and what to do; `{name}` is filled from the refusal's parameters, values of ours by their
names. What stands in `[[ ]]` is left out when one of its parameters is missing.
"""

import re
from collections.abc import Mapping

from engine.language.catalogues import Language, Pair, Pairs
from engine.language.enums import WORDS
from engine.language.field_faults import said_more_exactly

SENTENCES: Mapping[str, Pair] = Pairs(
    "refusals", "field-faults", "service-refusals", "retracting", "reading", "attachments"
)


_OPTIONAL, _PLACES = re.compile(r"\[\[(.*?)\]\]"), re.compile(r"\{(\w+)\}")
_VALUES = {"action": "Action", "step": "Step", "status": "CycleStatus", "level": "UnitLevel", "scope": "OrgScope"}
"""Parameters that hold a value of ours, and its type."""


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "—"


def sentence(code: str, language: Language, params: Mapping[str, str] | None = None) -> str:
    """The text of a code, the most exact there is for its `what` or `why`; a code without one is shown as it is."""
    given = params or {}
    pair = SENTENCES.get(f"{code}:{given.get('what')}") or SENTENCES.get(said_more_exactly(code, given.get("why")))
    if pair is None:
        return code
    said = _Blank(_worded(given, language))
    whole = _OPTIONAL.sub(
        lambda part: part[1] if all(given.get(name) for name in _PLACES.findall(part[1])) else "",
        pair[0 if language == "ja" else 1],
    )
    return whole.format_map(said)


def _worded(params: Mapping[str, str], language: Language) -> dict[str, str]:
    """Values of our own by what people call them."""
    side = 0 if language == "ja" else 1
    return {
        name: WORDS[_VALUES[name]][value][side] if value in WORDS.get(_VALUES.get(name, ""), {}) else value
        for name, value in params.items()
    }


def language_of(header: str | None) -> Language:
    """Japanese or English, by the weights of an Accept-Language header (RFC 9110 §12.5.4); Japanese by default."""
    best: tuple[float, Language] = (0.0, "ja")
    for part in (header or "").split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        weight = _weight(parameters)
        if primary in {"ja", "en"} and weight > best[0]:
            best = (weight, "ja" if primary == "ja" else "en")
    return best[1]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
