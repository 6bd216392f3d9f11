"""What lists are asked for, and what they hold: the same for pages, programs and files. Must not know tables."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from engine.domain.cycle.state import CycleState
from engine.domain.cycle.working_copy import CopyMark, WorkingCopy
from engine.domain.organisation.organisation import Grant
from engine.domain.roadmap import Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind, CycleStatus, Step, StepStatus


class EnteredAbsence(BaseModel):
    """An absence with its id, as it was entered."""

    model_config = ConfigDict(frozen=True)

    id: str
    person_id: str
    first: date
    last: date
    proxy: str | None


CycleKey = tuple[datetime, str]
"""Where a list of cycles goes on: when the last one was made, and its id."""


class CycleFilter(BaseModel):
    """Which cycles; None means any. `ids` narrows to a set, empty included."""

    model_config = ConfigDict(frozen=True)

    step: str | None = None
    status: str | None = None
    org_scope: str | None = None
    org_unit: str | None = None
    pillar: str | None = None
    startup: str | None = None
    owner: str | None = None
    initiative_id: str | None = None
    turn: int | None = None
    waits_for: tuple[str, ...] | None = None
    is_open: bool | None = None
    overdue_at: datetime | None = None
    q: str | None = None
    ids: frozenset[str] | None = None


class Lineage(BaseModel):
    """A cycle with what grew out of it.

    Args:
        state: as who asks may see it: with the working copy in place, without, or without what is being written.
        working_copy: the one that is kept for the current step, for who may read it.
    """

    model_config = ConfigDict(frozen=True)

    state: CycleState
    children: tuple[str, ...]
    working_copy: WorkingCopy | None = None

    @property
    def mark(self) -> CopyMark:
        """What who asks has seen then."""
        return CopyMark.of(self.state, self.working_copy)


class CycleHeading(BaseModel):
    """What a page says of a cycle that it only names or draws.

    Args:
        hours_before: of a sustain cycle, what its hours a year are held against.
        sleeps_until: of a sustain cycle before its review date, or a held one.
    """

    model_config = ConfigDict(frozen=True)

    cycle_id: str
    initiative_id: str
    title: str
    turn: int
    kind: CycleKind
    org_scope: OrgScope
    org_unit: str
    work_scope: WorkScope
    pillar: Pillar | None
    startup: str | None
    owner: str
    status: CycleStatus
    step: Step
    step_status: StepStatus
    waits_for: str
    due_at: datetime | None
    hours_saved_per_year: float | None
    hours_before: float | None
    sleeps_until: datetime | None
    created_at: datetime


class Remark(BaseModel):
    """A comment: who said what, and when."""

    model_config = ConfigDict(frozen=True)

    by: str
    at: datetime
    text: str


class InitiativeCycles(BaseModel):
    """The cycles of an initiative that are there for who asks; `hidden` are the ids of the others."""

    model_config = ConfigDict(frozen=True)

    lineages: tuple[Lineage, ...]
    hidden: tuple[str, ...]


class Waiting(BaseModel):
    """One decision that waits for a person, and why them."""

    model_config = ConfigDict(frozen=True)

    cycle_id: str
    round: int
    step: Step
    title: str
    org_unit: str
    owner: str
    revision: int
    updated_at: datetime
    grant: Grant
    why: str
    since: datetime
    due_at: datetime


class Usual(BaseModel):
    """How long a stage usually waits.

    Args:
        seconds: the median, holds left out.
        n: of how many decisions.
        of: `post` for this post's own, `overall` when it has fewer than three.
    """

    model_config = ConfigDict(frozen=True)

    seconds: float
    n: int
    of: str


class ToRead(BaseModel):
    """One thing to read or to answer."""

    model_config = ConfigDict(frozen=True)

    cycle_id: str
    title: str
    owner: str
    why: str
    n: int | None
    step: Step
    round: int
    since: datetime


class CaseFilter(BaseModel):
    """Which cases; None means any."""

    model_config = ConfigDict(frozen=True)

    pillar: str | None = None
    startup: str | None = None
    org_unit: str | None = None
    org_scope: str | None = None
    work_scope: str | None = None
    kind: str | None = None
    standing: str | None = None
    public_level: str | None = None
    verdict: str | None = None
    difficulty: str | None = None
    worse: bool | None = None
    fiscal_year: int | None = None


class OfferFilter(BaseModel):
    """Which offers; None means any."""

    model_config = ConfigDict(frozen=True)

    org_unit: str | None = None
    status: str | None = None
    case_id: str | None = None
    org_units: frozenset[str] | None = None
