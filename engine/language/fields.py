"""What every field is called on sheets, in exports and on pages, in Japanese and English.

`label` names a field by its path (`imagine.as_is.minutes_per_case`); what values are called stands in
`engine.language.enums`. Both follow the glossary (docs/guides/field-words.md) and know nothing of any layout.
"""

from collections.abc import Mapping

from engine.language.catalogues import Language, Pair, Pairs, either

FIELDS: Mapping[str, Pair] = Pairs("fields")
"""Japanese and English by path; the most specific path that ends a field's path wins."""


def label(field: str, language: Language) -> str:
    """What a field is called.

    Args:
        field: its path with dots, such as `imagine.metrics.0.kind`; places in lists are left out.
        language: `ja` or `en`.

    Returns:
        The label of the longest known end of the path; the last name itself when none is known, so that a field
        that a newer writer added still shows.
    """
    parts = [part for part in field.split(".") if not part.isdigit()]
    for start in range(len(parts)):
        pair = FIELDS.get(".".join(parts[start:]))
        if pair is not None:
            return either(pair, language)
    return parts[-1] if parts else field
