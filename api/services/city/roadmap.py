"""The roadmap in force, today or as of a past date; milestones reported; editions and their differences."""

from collections import defaultdict
from datetime import date, datetime

from api.auth import Caller
from api.container import Desk
from api.http.paging import Page, encoded, key_of
from api.http.responses import command_id
from api.schemas.roadmap import (
    AskedReport,
    EditionDifferenceView,
    EditionView,
    MilestoneView,
    Proposal,
    Reassign,
    ReportView,
    RoadmapView,
    StartupView,
)
from api.services.city.questions import editions_of, looked_up, roadmaps_at
from api.services.cycles.naming import named
from engine.contracts.documents import ROADMAP
from engine.domain.analytics.query import FiguresQuestion
from engine.domain.analytics.startup_progress import InitiativeProgress, Under, Wall, progress_of
from engine.domain.errors import not_found
from engine.domain.ledger.facts import MilestoneReported
from engine.domain.ledger.milestones import milestone_of, standings
from engine.domain.ledger.milestones import report as reported
from engine.domain.roadmap import Governance, Startup, carried, difference
from engine.language.catalogues import Language
from engine.store.tables import DocumentRow


def roadmap(caller: Caller, desk: Desk, as_of: date | None, initiatives: int) -> RoadmapView:
    """Pillars and startups of the edition in force, with the initiatives under each and how far they have come."""
    wanted = looked_up(FiguresQuestion(as_of=as_of), caller.facts, desk)
    rows = roadmaps_at(wanted, desk)
    if not rows:
        return RoadmapView(id=None, as_of=wanted.today, pillars=[], startups=[])
    editions = editions_of(rows)
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
    return RoadmapView(
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


def initiatives_under(  # noqa: PLR0913 - a page of a list
    startup: str, caller: Caller, desk: Desk, *, as_of: date | None, limit: int, cursor: str | None
) -> Page[InitiativeProgress]:
    """Every initiative under a startup of the edition in force, those of its earlier codes too; the newest first."""
    wanted = looked_up(FiguresQuestion(as_of=as_of), caller.facts, desk)
    editions = editions_of(roadmaps_at(wanted, desk))
    if not editions or editions[-1].startup(startup) is None:
        raise not_found("unknown_startup", startup=startup)
    codes = [code for code in desk.figures.begun(wanted) if carried(code, editions).code == startup]
    found = desk.figures.under(wanted, {startup: codes}, limit + 1, key_of(cursor))[startup].newest
    last = found[limit - 1] if len(found) > limit else None
    following = encoded((last.begun_at.isoformat(), last.id)) if last else None
    return Page[InitiativeProgress](items=named(found[:limit], caller, desk), next_cursor=following)


def wall(caller: Caller, desk: Desk, as_of: date | None) -> Wall:
    """What pillars and startups have, those of earlier codes with the startup they live on in."""
    wanted = looked_up(FiguresQuestion(as_of=as_of), caller.facts, desk)
    editions = editions_of(roadmaps_at(wanted, desk))
    codes: dict[str, list[str]] = defaultdict(list)
    for code in desk.figures.codes(wanted):
        codes[(carried(code, editions).code if editions else None) or code].append(code)
    return desk.figures.wall(wanted, codes)


def editions(desk: Desk) -> Page[EditionView]:
    """Every edition that was imported, the newest first; the newest is in force."""
    items = [
        EditionView(
            number=row.number or 0, id=row.name, imported_at=row.imported_at, imported_by=row.imported_by,
            in_force=index == 0,
        )
        for index, row in enumerate(desk.reader.documents(ROADMAP))
    ]  # fmt: skip
    return Page[EditionView](items=items)


def report(  # noqa: PLR0913, PLR0917 - a place, what is said of it, and by whom
    startup: str, milestone: str, asked: AskedReport, caller: Caller, desk: Desk, key: str | None
) -> MilestoneView:
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
    desk.milestones.report(startup, fact, caller.id, command_id(caller, key))
    found = facts.edition.startup(startup) if facts.edition else None
    views = _milestones(found, desk, facts.today, None) if found else []
    return next(one for one in views if one.code == milestone)


def reports(startup: str, milestone: str, caller: Caller, desk: Desk) -> Page[ReportView]:
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
    return Page[ReportView](items=items)


def diff(a: str, b: str, desk: Desk) -> EditionDifferenceView:
    """What edition `b` says otherwise than edition `a`, field by field; each is named by its id or its number."""
    old, new = _edition(desk, a), _edition(desk, b)
    before, after = editions_of((old, new))
    changes = difference(before, after)
    return EditionDifferenceView(a=old.name, b=new.name, changes=list(changes))


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
