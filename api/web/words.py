"""Words of the pages: gettext catalogues read from `.po` at start, and the glossary's names of our values.

Texts are English in code and templates; `locale/ja/*.po` hold the Japanese, several files so that rooms do not
collide. A text that stands in data and is translated later is marked with `N_`.
"""

import io
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from api.sentences import Language

LOCALE = Path(__file__).parent / "locale"


def N_(text: str) -> str:  # noqa: N802 - gettext's name for it
    """Marks a text for the catalogues without translating it yet."""
    return text


@cache
def translations(language: Language) -> NullTranslations:
    """The catalogue of a language; English is what the texts are written in."""
    if language == "en":
        return NullTranslations()
    merged = Translations()
    for file in sorted((LOCALE / language).glob("*.po")):
        with file.open("rb") as source:
            catalogue = read_po(source, locale=language)
        binary = io.BytesIO()
        write_mo(binary, catalogue)
        binary.seek(0)
        merged.merge(Translations(binary))
    return merged


def said(text: str, language: Language, **params: object) -> str:
    """A text in a language, its `%(name)s` filled in."""
    found: str = translations(language).gettext(text)
    return found % params if params else found


NAMES: Mapping[str, Mapping[str, str]] = {
    "Step": {
        "imagine": N_("Imagine"),
        "transform": N_("Transform"),
        "realise": N_("Realise"),
        "share": N_("Share"),
    },
    "OrgScope": {
        "individual": N_("Individual"),
        "unit": N_("Unit"),
        "section": N_("Section"),
        "department": N_("Department"),
        "citywide": N_("Citywide"),
    },
    "WorkScope": {
        "task": N_("Task"),
        "process": N_("Process"),
        "project": N_("Project"),
        "programme": N_("Programme"),
    },
    "CycleStatus": {
        "active": N_("Active"),
        "on_hold": N_("On hold"),
        "completed": N_("Completed"),
        "rejected": N_("Rejected"),
        "withdrawn": N_("Withdrawn"),
    },
    "StepStatus": {"draft": N_("Draft"), "in_review": N_("In review"), "returned": N_("Returned")},
    "CycleKind": {
        "start": N_("Start"),
        "expand": N_("Expand"),
        "retry": N_("Retry"),
        "sustain": N_("Sustain"),
        "adopt": N_("Adopt"),
    },
    "Governance": {"cross_agency": N_("Cross-agency"), "section_led": N_("Section-led")},
    "Pillar": {
        "P1": N_("A city hall you need not go to"),
        "P2": N_("Daily life made digital"),
        "P3": N_("Smart city management"),
        "P4": N_("Help for people who find ICT hard"),
        "P5": N_("Structures that carry it"),
    },
    "Action": {
        "approve": N_("Approve"),
        "approve_with_conditions": N_("Approve with conditions"),
        "return": N_("Return"),
        "hold": N_("Hold"),
        "reject": N_("Reject"),
        "oppose": N_("Oppose"),
        "agree": N_("Agree"),
    },
    "StageKind": {
        "line": N_("Line approval"),
        "concurrence": N_("Concurrence"),
        "final": N_("Final decision"),
    },
    "Why": {
        "post": N_("Your post"),
        "proxy": N_("As a proxy"),
        "escalation": N_("Escalated to you"),
        "pull_up": N_("Pull-up"),
    },
    "UnitLevel": {
        "unit": N_("Unit"),
        "section": N_("Section"),
        "department": N_("Department"),
        "citywide": N_("Citywide"),
    },
}
"""What our values are called, by the name of their type (field.md 6)."""


def name_of(value: StrEnum | str | None, kind: str | None = None) -> str:
    """The text, still English, of one of our values; a value without one is shown as it is."""
    if value is None:
        return ""
    return NAMES.get(kind or type(value).__name__, {}).get(str(value), str(value))
