"""The roadmap in force, today or as of a past date; its editions and their differences."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.auth import Caller, SignedIn
from api.container import AtDesk, Desk
from api.http.paging import Cursor, Limit, Page, encoded, key_of
from api.http.parameters import AsOf
from api.http.responses import IdempotencyKey, answer, command_id, problems
from api.schemas.requests import Asked
from api.services.naming import named
from engine.domain.analytics.figure import Figure
from engine.domain.analytics.query import FiguresQuestion, FiguresWanted, wanted_of
from engine.domain.analytics.startup_progress import InitiativeProgress, Under, progress_of
from engine.domain.days import NearDay
from engine.domain.errors import not_found
from engine.domain.ledger.facts import Grade, MilestoneReported
from engine.domain.ledger.milestones import MilestoneStatus, milestone_of, standings
from engine.domain.ledger.milestones import report as reported
from engine.domain.roadmap import Edition, EditionChange, Governance, Startup, carried, difference
from engine.domain.text import Words
from engine.language.catalogues import Language
from engine.store.directory.directory import ROADMAP
from engine.store.tables import DocumentRow

router = APIRouter(tags=["roadmap"])


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


@router.get("/roadmap", response_model=RoadmapView, responses=problems(), operation_id="getRoadmap")
def roadmap(
    caller: SignedIn,
    desk: AtDesk,
    as_of: AsOf = None,
    initiatives: Annotated[int, Query(ge=0, le=200, description="named under each startup at most")] = 50,
) -> Response:
    """Pillars and startups of the edition in force, with the initiatives under each and how far they have come."""
    wanted = _on(as_of, caller, desk)
    rows = [row for row in reversed(desk.reader.documents(ROADMAP)) if row.imported_at <= wanted.at]
    if not rows:
        return answer(RoadmapView(id=None, as_of=wanted.today, pillars=[], startups=[]))
    editions = [Edition.model_validate_json(row.content) for row in rows]
    edition = editions[-1]
    homes = {code: carried(code, editions) for code in desk.figures.begun(wanted)}
    codes = {one.code: tuple(code for code in homes if homes[code].code == one.code) for one in edition.startups}
    codes |= {code: (code,) for code, home in homes.items() if home.code is None}
    counted = desk.figures.under(wanted, codes, initiatives)
    under = dict(zip(counted, named(tuple(counted.values()), caller, desk), strict=True))
    startups = [
        _startup(one, under[one.code], _milestones(one, desk, wanted.today, wanted.at), caller.language)
        for one in edition.startups
    ]
    return answer(
        RoadmapView(
            id=edition.id,
            number=rows[-1].number,
            as_of=wanted.today,
            title_ja=edition.title_ja,
            title_en=edition.title_en,
            pillars=[one.model_dump(mode="json") for one in edition.pillars],
            startups=startups,
            to_reassign=[
                Reassign(initiative=one, startup=code, candidates=list(home.candidates))
                for code, home in sorted(homes.items())
                if home.code is None
                for one in under[code].newest
            ],
        )
    )


@router.get(
    "/roadmap/startups/{startup}/initiatives",
    response_model=Page[InitiativeProgress],
    responses=problems(404),
    operation_id="listInitiativesUnder",
)
def initiatives_under(
    startup: str,
    caller: SignedIn,
    desk: AtDesk,
    as_of: AsOf = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Every initiative under a startup of the edition in force, those of its earlier codes too; the newest first."""
    wanted = _on(as_of, caller, desk)
    editions = _editions(desk, wanted)
    if not editions or editions[-1].startup(startup) is None:
        raise not_found("unknown_startup", startup=startup)
    codes = [code for code in desk.figures.begun(wanted) if carried(code, editions).code == startup]
    found = desk.figures.under(wanted, {startup: codes}, limit + 1, key_of(cursor))[startup].newest
    last = found[limit - 1] if len(found) > limit else None
    following = encoded((last.begun_at.isoformat(), last.id)) if last else None
    return answer(Page[InitiativeProgress](items=named(found[:limit], caller, desk), next_cursor=following))


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


@router.post(
    "/roadmap/startups/{startup}/milestones/{milestone}/reports",
    status_code=201,
    response_model=MilestoneView,
    responses=problems(403, 404),
    operation_id="reportMilestone",
)
def report(
    startup: str,
    milestone: str,
    asked: AskedReport,
    caller: SignedIn,
    desk: AtDesk,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Say how a milestone of the edition in force stands (DX team or administrator); every report is kept."""
    facts = caller.facts
    fact = reported(
        facts.edition,
        startup,
        milestone,
        grade=asked.grade,
        note=asked.note,
        done_on=asked.done_on,
        duties=caller.duties,
        today=facts.today,
    )
    desk.milestones.report(startup, fact, caller.id, command_id(caller, idempotency_key))
    found = facts.edition.startup(startup) if facts.edition else None
    views = _milestones(found, desk, facts.today, None) if found else []
    return answer(next(one for one in views if one.code == milestone), 201)


@router.get(
    "/roadmap/startups/{startup}/milestones/{milestone}/reports",
    response_model=Page[ReportView],
    responses=problems(404),
    operation_id="listMilestoneReports",
)
def reports(startup: str, milestone: str, caller: SignedIn, desk: AtDesk) -> Response:
    """Every report of a milestone, the newest first, those under earlier editions too."""
    items = [
        ReportView(
            seq=entry.seq, grade=entry.data.grade, note=entry.data.note, done_on=entry.data.done_on, by=entry.actor,
            at=entry.at,
        )
        for entry in reversed(desk.milestones.entries(startup))
        if isinstance(entry.data, MilestoneReported) and entry.data.milestone == milestone
    ]  # fmt: skip
    if not items:
        milestone_of(caller.facts.edition, startup, milestone)
    return answer(Page[ReportView](items=items))


@router.get(
    "/roadmap/editions/{a}/diff/{b}",
    response_model=EditionDifferenceView,
    responses=problems(404),
    operation_id="diffEditions",
)
def diff(a: str, b: str, _caller: SignedIn, desk: AtDesk) -> Response:
    """What edition `b` says otherwise than edition `a`, field by field; each is named by its id or its number."""
    old, new = _edition(desk, a), _edition(desk, b)
    changes = difference(Edition.model_validate_json(old.content), Edition.model_validate_json(new.content))
    return answer(EditionDifferenceView(a=old.name, b=new.name, changes=list(changes)))


def _on(as_of: date | None, caller: Caller, desk: Desk) -> FiguresWanted:
    facts = caller.facts
    return wanted_of(
        FiguresQuestion(as_of=as_of),
        now=desk.directory.now(),
        offset=facts.policy.utc_offset_minutes,
        organisation=facts.organisation,
        startups=None,
    )


def _editions(desk: Desk, wanted: FiguresWanted) -> list[Edition]:
    rows = [row for row in reversed(desk.reader.documents(ROADMAP)) if row.imported_at <= wanted.at]
    return [Edition.model_validate_json(row.content) for row in rows]


def _milestones(startup: Startup, desk: Desk, today: date, upto: datetime | None) -> list[MilestoneView]:
    if not startup.milestones:
        return []
    return [
        MilestoneView(
            code=one.milestone.code,
            name=one.milestone.name,
            due=one.milestone.due,
            state=one.status,
            **one.model_dump(exclude={"milestone", "status"}),
        )
        for one in standings(startup, desk.milestones.entries(startup.code, upto), today)
    ]


def _edition(desk: Desk, name: str) -> DocumentRow:
    rows = desk.reader.documents(ROADMAP)
    found = next((row for row in rows if row.name == name), None)
    found = found or next((row for row in rows if str(row.number) == name), None)
    if found is None:
        raise not_found("unknown_edition", edition=name)
    return found


def _startup(
    startup: Startup,
    under: Under,
    milestones: list[MilestoneView],
    language: Language,
) -> StartupView:
    invites = startup.governance is Governance.SECTION_LED
    hint = {"title": "", "org_scope": "individual", "org_unit": "", "work_scope": "task", "startup": startup.code}
    if startup.pillar is not None:
        hint["pillar"] = startup.pillar.value
    return StartupView(
        code=startup.code,
        name=startup.display_name(language),
        governance=startup.governance.value,
        pillar=startup.pillar.value if startup.pillar else None,
        overview=startup.overview,
        milestones=milestones,
        initiatives=list(under.newest),
        initiatives_count=under.count,
        progress=progress_of(under),
        invites_proposals=invites,
        proposal=Proposal(body=hint) if invites else None,
    )
