"""What is wrong with one field, in Japanese and English, keyed by its code.

A key `code:why` is the same code said more exactly: the refusal's parameter `why` chooses it. Must not know rules.
"""

from collections.abc import Mapping

from engine.language.catalogues import Pair, Pairs

FIELD_FAULTS: Mapping[str, Pair] = Pairs("field-faults")


def said_more_exactly(code: str, why: str | None) -> str:
    """The key of the most exact sentence there is for a code."""
    exact = f"{code}:{why}"
    return exact if why and exact in FIELD_FAULTS else code
