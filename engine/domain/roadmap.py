"""Pillars, startups and editions of the DX roadmap (the city's page; names not published there are not invented)."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

UNPUBLISHED = {"ja": "(名称未取得)", "en": "(name not obtained)"}
"""What a startup is called whose name the city has not published as text."""


class Pillar(StrEnum):
    """The five pillars (5本の柱)."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"
    P5 = "P5"


class Governance(StrEnum):
    """全庁横断型 · 各課推進型."""

    CROSS_AGENCY = "cross_agency"
    SECTION_LED = "section_led"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Milestone(_Value):
    """A dated goal of a startup (マイルストーン)."""

    code: str
    name: str
    due: date


class Startup(_Value):
    """A priority measure; refined later, when its action plan is made."""

    code: str
    name_ja: str | None = None
    name_en: str | None = None
    governance: Governance
    pillar: Pillar | None = None
    overview: str | None = None
    milestones: tuple[Milestone, ...] = ()

    def display_name(self, language: Literal["ja", "en"]) -> str:
        """The name, or that it could not be obtained."""
        name = self.name_ja if language == "ja" else self.name_en or self.name_ja
        return name or UNPUBLISHED[language]


class PillarText(_Value):
    """A pillar as the edition words it."""

    code: Pillar
    name_ja: str
    name_en: str
    text_ja: str | None = None


class Declaration(_Value):
    """宣言: what the city promised, when, and in which words."""

    title_ja: str
    made_on: str
    definition_ja: str
    mindset_ja: str


class Edition(_Value):
    """One edition of the roadmap, immutable once imported; its dates are as printed, such as `2023-06`."""

    id: str
    title_ja: str = ""
    title_en: str = ""
    published: str | None = None
    updated: str | None = None
    source: str | None = None
    declaration: Declaration | None = None
    pillars: tuple[PillarText, ...] = ()
    startups: tuple[Startup, ...] = ()

    @model_validator(mode="after")
    def _codes_are_unique(self) -> Self:
        startups = [one.code for one in self.startups]
        pillars = [one.code.value for one in self.pillars]
        twice = sorted({code for codes in (startups, pillars) for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"{twice[0]} stands twice")
        return self

    def startup(self, code: str) -> Startup | None:
        """The startup with that code."""
        return next((one for one in self.startups if one.code == code), None)


class Change(_Value):
    """One difference between two editions: a startup that came, went, or says something else in `fields`."""

    code: str
    kind: Literal["added", "removed", "changed"]
    fields: tuple[str, ...] = ()


def difference(old: Edition, new: Edition) -> tuple[Change, ...]:
    """What a later edition changes, by startup code."""
    before: Mapping[str, Startup] = {one.code: one for one in old.startups}
    after: Mapping[str, Startup] = {one.code: one for one in new.startups}
    found = []
    for code in sorted(before.keys() | after.keys()):
        one, other = before.get(code), after.get(code)
        if one is None or other is None:
            found.append(Change(code=code, kind="added" if one is None else "removed"))
        elif one != other:
            names = tuple(name for name in Startup.model_fields if getattr(one, name) != getattr(other, name))
            found.append(Change(code=code, kind="changed", fields=names))
    return tuple(found)
