"""The two ladders of the spiral, and what *larger* means (docs/field/ladders.md).

The city's page names 一人・係・課・部 and 一つの業務・大きな事業; 全庁, 一連の業務 and 事業 are interpolated.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class OrgScope(StrEnum):
    """範囲: how much of the organisation takes part."""

    INDIVIDUAL = "individual"
    UNIT = "unit"
    SECTION = "section"
    DEPARTMENT = "department"
    CITYWIDE = "citywide"

    @property
    def rank(self) -> int:
        """1 (一人) to 5 (全庁)."""
        return list(OrgScope).index(self) + 1


class WorkScope(StrEnum):
    """規模: how much work is touched."""

    TASK = "task"
    PROCESS = "process"
    PROJECT = "project"
    PROGRAMME = "programme"

    @property
    def rank(self) -> int:
        """1 (一つの業務) to 4 (大きな事業)."""
        return list(WorkScope).index(self) + 1


class Growth(StrEnum):
    """What an expansion must enlarge: either ladder, or both as the city's page literally says."""

    EITHER = "either"
    BOTH = "both"


class Scope(BaseModel):
    """A rung on each of the two ladders."""

    model_config = ConfigDict(frozen=True)

    org: OrgScope
    work: WorkScope

    @property
    def is_top(self) -> bool:
        """At 全庁 and 大きな事業 nothing larger exists; only sustaining or closing is left."""
        return self.org is OrgScope.CITYWIDE and self.work is WorkScope.PROGRAMME

    def grows_into(self, other: "Scope", growth: Growth) -> bool:
        """Whether `other` is larger: neither ladder goes down, and one goes up (both under `Growth.BOTH`).

        Under `BOTH` a ladder whose top rung is reached already counts as grown, or the top would block for ever.
        """
        org_up = other.org.rank > self.org.rank
        work_up = other.work.rank > self.work.rank
        if other.org.rank < self.org.rank or other.work.rank < self.work.rank:
            return False
        if growth is Growth.EITHER:
            return org_up or work_up
        org_done = org_up or self.org is OrgScope.CITYWIDE
        work_done = work_up or self.work is WorkScope.PROGRAMME
        return org_done and work_done and (org_up or work_up)

    def skips_into(self, other: "Scope") -> bool:
        """Whether a rung is left out on the way to `other`, which is allowed but needs a reason."""
        return other.org.rank - self.org.rank > 1 or other.work.rank - self.work.rank > 1
