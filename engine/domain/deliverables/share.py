"""STEP 4: what Share hands in (docs/field/steps.md)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from engine.domain.days import Day
from engine.domain.deliverables.parts import Code, Count, Line, Many, Part, Text
from engine.domain.deliverables.required import FULL, LIGHT
from engine.domain.scope import OrgScope, Scope, WorkScope
from engine.domain.steps import CycleKind
from engine.domain.text import IDENTIFIER


class Case(Part):
    summary: Annotated[Text | None, LIGHT] = None
    before: Annotated[Text | None, FULL] = None
    after: Annotated[Text | None, FULL] = None
    conditions_to_copy: Annotated[Text | None, FULL] = None
    hard_parts: Annotated[Text | None, FULL] = None


class PublicLevel(StrEnum):
    """How far the case may be read."""

    INTERNAL = "internal"
    OTHER_GOV = "other_gov"
    PUBLIC = "public"


class SharingEvent(Part):
    kind: Annotated[Line | None, FULL] = None
    on: Annotated[Day | None, FULL] = None
    attendees: Annotated[Count | None, FULL, Field(description="人")] = None


class NextKind(StrEnum):
    """What follows a shared result."""

    EXPAND = "expand"
    RETRY = "retry"
    SUSTAIN = "sustain"
    CLOSE = "close"

    @property
    def cycle_kind(self) -> CycleKind | None:
        """The kind of cycle that follows; None when the spiral ends here."""
        return None if self is NextKind.CLOSE else CycleKind(self.value)


def _absent(value: object) -> bool:
    """A field that came later is written only where it is used: what was handed in before keeps its hash."""
    return value is None


class Next(Part):
    kind: Annotated[NextKind | None, LIGHT] = None
    org_scope: OrgScope | None = None
    org_unit: Code | None = None
    work_scope: WorkScope | None = None
    owner: Line | None = None
    reason: Annotated[Text | None, FULL] = None
    review_on: Day | None = None
    join: Annotated[
        Annotated[str, Field(max_length=120), IDENTIFIER] | None,
        Field(description="an open cycle, larger and still being imagined, to flow into", exclude_if=_absent),
    ] = None

    def scope_after(self, now: Scope) -> Scope:
        """The rungs it asks for, starting from those of now."""
        return Scope(org=self.org_scope or now.org, work=self.work_scope or now.work)


class Share(Part):
    """STEP 4 DXの成果を共有する."""

    case: Annotated[Case | None, LIGHT] = None
    core_elements: Annotated[tuple[Text, ...], FULL, Many] = ()
    adaptable_elements: Annotated[tuple[Text, ...], FULL, Many] = ()
    lessons_failed: Annotated[Text | None, LIGHT] = None
    audience: Annotated[Text | None, FULL] = None
    public_level: Annotated[PublicLevel | None, FULL] = None
    sharing_events: Annotated[tuple[SharingEvent, ...], FULL, Many] = ()
    spread_targets: Annotated[tuple[Code, ...], Many] = ()
    assets: Annotated[tuple[Text, ...], Many] = ()
    next: Annotated[tuple[Next, ...], LIGHT, Field(max_length=20)] = ()
