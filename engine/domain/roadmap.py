"""Pillars, startups and editions of the DX roadmap (the city's page; names not published there are not invented)."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


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
    code: str
    name: str
    due: date


class Startup(_Value):
    code: str
    name_ja: str | None = None
    name_en: str | None = None
    governance: Governance
    pillar: Pillar | None = None
    milestones: tuple[Milestone, ...] = ()


class Edition(_Value):
    id: str
    startups: tuple[Startup, ...] = ()

    def startup(self, code: str) -> Startup | None:
        """The startup with that code."""
        return next((one for one in self.startups if one.code == code), None)
