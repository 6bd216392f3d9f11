"""Why a post stands in a route, in Japanese and English, keyed by the reason's code."""

from collections.abc import Mapping

from engine.language.catalogues import Language, Pair, Pairs
from engine.language.enums import WORDS

REASONS: Mapping[str, Pair] = Pairs("route-reasons")


def reason_text(code: str, params: Mapping[str, str], language: Language) -> str:
    """The text of a reason; a code without one is shown as it is."""
    pair = REASONS.get(code)
    return code if pair is None else pair[0 if language == "ja" else 1].format(**_named(params, language))


def _named(params: Mapping[str, str], language: Language) -> dict[str, str]:
    """Scope and flags by their names in Japanese; English keeps the values, which are English words."""
    if language != "ja":
        return dict(params)
    kinds = {"scope": "OrgScope", "flags": "EscalationFlag"}
    found = dict(params)
    for name in found.keys() & kinds:
        names = WORDS.get(kinds[name], {})
        found[name] = "・".join(names[one][0] if one in names else one for one in found[name].split(", "))
    return found
