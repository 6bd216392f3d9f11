"""What is said of the roadmap: startups with their milestones and initiatives, editions and what they change."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.requests import Asked
from engine.domain.analytics.figure import Figure
from engine.domain.analytics.startup_progress import InitiativeProgress
from engine.domain.days import NearDay
from engine.domain.ledger.facts import Grade
from engine.domain.ledger.milestones import MilestoneStatus
from engine.domain.roadmap import EditionChange
from engine.domain.text import Words


class MilestoneView(BaseModel):
    """A dated goal, and how it stands; grade A ahead, B on plan, C late, D cannot be judged."""

    code: str
    name: str
    due: date
    state: MilestoneStatus = Field(description="due on its day, late after it, done only when it is reported")
    grade: Grade | None = Field(default=None, description="of the newest report")
    note: str | None = None
    reported_by: str | None = None
    reported_at: datetime | None = None
    done_on: date | None = None


class AskedReport(Asked):
    """How a milestone stands; with `done_on` it is done."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"grade": "B", "note": "試行の準備が整った"}, {"grade": "A", "done_on": "2026-11-20"}]
        }
    )

    grade: Grade
    note: Words | None = None
    done_on: NearDay | None = None


class ReportView(BaseModel):
    """One report, as it was given."""

    seq: int
    grade: Grade
    note: str | None
    done_on: date | None
    by: str
    at: datetime


class Proposal(BaseModel):
    """How to propose an initiative under a section-led startup: send this body, completed, to that place."""

    method: str = "POST"
    path: str = "/api/v1/initiatives"
    body: dict[str, Any]


class StartupView(BaseModel):
    """A startup of the edition, with the initiatives under it; progress follows from their steps."""

    code: str
    name: str
    governance: str
    pillar: str | None
    overview: str | None
    milestones: list[MilestoneView]
    initiatives: list[InitiativeProgress] = Field(description="the newest ones first, up to `initiatives` of them")
    initiatives_count: int = Field(default=0, description="all of them; `progress` is of all")
    progress: Figure
    invites_proposals: bool
    proposal: Proposal | None


class Reassign(BaseModel):
    """An initiative whose startup is gone or was split, and the startups it may go to."""

    initiative: InitiativeProgress
    startup: str
    candidates: list[str]


class RoadmapView(BaseModel):
    """The edition in force on that day; null id when there was none."""

    id: str | None
    number: int | None = None
    as_of: date
    title_ja: str = ""
    title_en: str = ""
    pillars: list[dict[str, Any]]
    startups: list[StartupView]
    to_reassign: list[Reassign] = []


class EditionView(BaseModel):
    """An edition that was imported."""

    number: int
    id: str
    imported_at: datetime
    imported_by: str
    in_force: bool


class EditionDifferenceView(BaseModel):
    """What edition `b` changes against edition `a`."""

    a: str
    b: str
    changes: list[EditionChange]
