"""Pillars, startups and editions of the DX roadmap (the city's page; names not published there are not invented)."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.domain.days import Day

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


class StartupMilestone(_Value):
    """A dated goal of a startup (マイルストーン)."""

    code: str
    name: str
    due: Day


class Startup(_Value):
    """A priority measure, refined when its action plan is made; `replaces` names earlier codes it continues."""

    code: str
    name_ja: str | None = None
    name_en: str | None = None
    governance: Governance
    pillar: Pillar | None = None
    overview: str | None = None
    milestones: tuple[StartupMilestone, ...] = ()
    replaces: tuple[str, ...] = ()

    def display_name(self, language: Literal["ja", "en"]) -> str:
        """The name, or that it could not be obtained."""
        name = self.name_ja if language == "ja" else self.name_en or self.name_ja
        return name or UNPUBLISHED[language]


class RoadmapPlace(BaseModel):
    """What a startup of the edition in force gives to the cycles under it; its pillar may be unpublished."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    startup: str
    governance: Governance
    pillar: Pillar | None = None


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

    def startup(self, code: str) -> Startup | None:
        """The startup with that code."""
        return next((one for one in self.startups if one.code == code), None)


class FieldChange(_Value):
    """What one field said before and says now, as text; None where it said nothing."""

    field: str
    before: str | None
    after: str | None


class EditionChange(_Value):
    """One difference between two editions: a pillar, startup or milestone that came, went, or says something else.

    `code` of a milestone is `STARTUP/MILESTONE`; `fields` names what changed, `changes` says how.
    """

    what: Literal["edition", "pillar", "startup", "milestone"] = "startup"
    code: str
    kind: Literal["added", "removed", "changed"]
    fields: tuple[str, ...] = ()
    changes: tuple[FieldChange, ...] = ()


def difference(old: Edition, new: Edition) -> tuple[EditionChange, ...]:
    """What a later edition changes: its own words, then pillars, startups and milestones by code."""
    own = _changed(
        "edition", new.id, _words(old, ("pillars", "startups")), _words(new, ("pillars", "startups")), Edition
    )
    pillars = _compared(
        "pillar", {one.code.value: one for one in old.pillars}, {one.code.value: one for one in new.pillars}
    )
    startups = _compared(
        "startup",
        {one.code: one.model_copy(update={"milestones": ()}) for one in old.startups},
        {one.code: one.model_copy(update={"milestones": ()}) for one in new.startups},
    )
    return (*own, *pillars, *startups, *_compared("milestone", _milestones(old), _milestones(new)))


def _milestones(edition: Edition) -> dict[str, _Value]:
    return {f"{one.code}/{goal.code}": goal for one in edition.startups for goal in one.milestones}


def _compared(
    what: Literal["pillar", "startup", "milestone"], before: Mapping[str, _Value], after: Mapping[str, _Value]
) -> tuple[EditionChange, ...]:
    found: list[EditionChange] = []
    for code in sorted(before.keys() | after.keys()):
        one, other = before.get(code), after.get(code)
        if one is None or other is None:
            found.append(EditionChange(what=what, code=code, kind="added" if one is None else "removed"))
        else:
            found += _changed(what, code, _words(one), _words(other), type(one))
    return tuple(found)


def _changed(
    what: Literal["edition", "pillar", "startup", "milestone"],
    code: str,
    before: Mapping[str, str | None],
    after: Mapping[str, str | None],
    model: type[_Value],
) -> tuple[EditionChange, ...]:
    names = tuple(name for name in model.model_fields if before.get(name) != after.get(name))
    if not names:
        return ()
    changes = tuple(FieldChange(field=name, before=before.get(name), after=after.get(name)) for name in names)
    return (EditionChange(what=what, code=code, kind="changed", fields=names, changes=changes),)


def _words(value: _Value, without: tuple[str, ...] = ()) -> dict[str, str | None]:
    """Each field as text, so that any two can be set beside each other."""
    plain = value.model_dump(mode="json", exclude=set(without))
    return {
        name: None
        if said in (None, [], "")
        else said
        if isinstance(said, str)
        else json.dumps(said, ensure_ascii=False, sort_keys=True)
        for name, said in plain.items()
    }


class Carried(_Value):
    """Where an initiative's startup stands in the edition in force.

    `code` is the startup it belongs to now; None when it must be re-assigned, to one of `candidates` if its startup
    was split.
    """

    code: str | None
    candidates: tuple[str, ...] = ()


def carried(code: str, editions: Sequence[Edition]) -> Carried:
    """Follows a startup's code through the editions, the oldest first, to the last of them.

    A code that still stands continues. One that a single startup replaces is renamed to it; one that several replace
    was split, and one that is gone has no successor: both must be re-assigned by a person.
    """
    met = False
    for edition in editions:
        if edition.startup(code) is not None:
            met = True
            continue
        heirs = tuple(one.code for one in edition.startups if code in one.replaces)
        if not heirs and not met:
            continue  # a later edition may bring it
        if len(heirs) != 1:
            last = editions[-1]
            return Carried(code=None, candidates=tuple(heir for heir in heirs if last.startup(heir) is not None))
        code, met = heirs[0], True
    return Carried(code=code if met else None)


def same_startup(code: str, editions: Sequence[Edition]) -> frozenset[str]:
    """Every code, older or newer, under which the startup asked for is known; `editions` stand the oldest first."""
    home = carried(code, editions).code
    known = {one.code for edition in editions for one in edition.startups}
    return frozenset({code} | {one for one in known if home is not None and carried(one, editions).code == home})
