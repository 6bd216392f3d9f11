"""The roadmap in force, and its editions."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from api.answers import answer, problems
from api.auth import SignedIn
from api.paging import Page
from api.state import AtDesk
from engine.store.directory import ROADMAP
from engine.store.readers import CycleFilter

router = APIRouter(tags=["roadmap"])


class StartupView(BaseModel):
    """A startup of the edition, with the initiatives under it."""

    code: str
    name: str
    governance: str
    pillar: str | None
    milestones: list[dict[str, Any]]
    initiatives: list[str]


class RoadmapView(BaseModel):
    """The edition in force; null id when none has been imported."""

    id: str | None
    pillars: list[dict[str, Any]]
    startups: list[StartupView]


class EditionView(BaseModel):
    """An edition that was imported."""

    number: int
    id: str
    imported_at: datetime
    imported_by: str
    in_force: bool


@router.get("/roadmap", response_model=RoadmapView, responses=problems(), operation_id="getRoadmap")
def roadmap(caller: SignedIn, desk: AtDesk) -> Response:
    """Pillars and startups of the edition in force, with the initiatives under each."""
    edition = caller.facts.edition
    if edition is None:
        return answer(RoadmapView(id=None, pillars=[], startups=[]))
    under: dict[str, list[str]] = {}
    for first in desk.reader.cycles(CycleFilter(turn=1), limit=10_000):
        under.setdefault(first.state.startup or "", []).append(first.state.initiative_id)
    startups = [
        StartupView(
            code=one.code,
            name=one.display_name(caller.language),
            governance=one.governance.value,
            pillar=one.pillar.value if one.pillar else None,
            milestones=[milestone.model_dump(mode="json") for milestone in one.milestones],
            initiatives=sorted(under.get(one.code, [])),
        )
        for one in edition.startups
    ]
    pillars = [one.model_dump(mode="json") for one in edition.pillars]
    return answer(RoadmapView(id=edition.id, pillars=pillars, startups=startups))


@router.get("/roadmap/editions", response_model=Page[EditionView], responses=problems(), operation_id="listEditions")
def editions(_caller: SignedIn, desk: AtDesk) -> Response:
    """Every edition that was imported, the newest first; the newest is in force."""
    items = [
        EditionView(
            number=row.number or 0, id=row.name, imported_at=row.imported_at, imported_by=row.imported_by,
            in_force=index == 0,
        )
        for index, row in enumerate(desk.reader.documents(ROADMAP))
    ]  # fmt: skip
    return answer(Page[EditionView](items=items))
