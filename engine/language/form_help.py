"""Help, example and unit beside each control, from the field (docs/field/steps.md), in Japanese and English."""

from collections.abc import Mapping

from engine.language.catalogues import Language, Pair, Pairs, either

NOTHING: Pair = ("", "")

HELP: Mapping[str, Pair] = Pairs("help")


def help_of(path: str, language: Language) -> tuple[str, str, str]:
    """Help, example and unit of a control by its path without numbers; empty texts where there is nothing to say."""
    unit = f"{path.rsplit('.', 1)[-1]}:unit"
    meant, example, measured = (either(HELP.get(key, NOTHING), language) for key in (path, f"{path}:example", unit))
    return meant, example, measured
