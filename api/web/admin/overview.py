"""Administration at a glance: how everything is and what to do next; files are checked and put in force here.

Every move goes through the functions of the JSON API or the file readers that `spiral import` uses.
"""

import asyncio
from datetime import datetime
from importlib.metadata import version
from typing import Annotated

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from api.services.operations import standing
from api.services.organisation import credentials
from api.services.organisation import documents as service
from api.services.outgoing import webhooks
from api.web.admin.access import Admin
from api.web.admin.changes import PlaceChanged, places_of
from api.web.admin.organisation import AHEAD, transfers, vacancies
from api.web.format.gettext import N_
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, MemberVisit, pages_router, text_of
from api.web.frame.people import someone
from engine.contracts.credentials import Credential
from engine.domain.administration.changes import DocumentStanding
from engine.domain.cycle.attachments import safe_name
from engine.domain.errors import DomainError, invalid_at
from engine.exchange.errors import FileError
from engine.language.differences import DIFFERENCES

router = pages_router()


class Document(Context):
    """A document that is or was in force."""

    kind: str
    number: int
    name: str
    by: str
    at: object
    in_force: bool


class HealthContext(Context):
    """How it is, and what is in force."""

    version: str
    database: bool
    engine: bool
    counts: tuple[tuple[str, int], ...]
    position: int
    channels: tuple[str, ...]
    documents: tuple[Document, ...]
    tokens: tuple[Credential, ...]
    units: int
    vacant: int
    coming: int
    hooks: int
    hooks_stopped: int
    hooks_behind: int
    differences: tuple[tuple[str, str, datetime], ...] = ()
    problem: str | None = None
    checked: str | None = None
    standing: DocumentStanding | None = None
    places: tuple[PlaceChanged, ...] = ()
    emergency: str = ""
    waiting: int = 0


@router.get("/admin")
async def health(visit: Admin) -> Response:
    """How it is."""
    return await asyncio.to_thread(visit.page, "admin.html", await _health(visit))


@router.post("/admin/files")
async def put_in_force(
    visit: Admin, form: Annotated[FormData, takes("kind", "file", "check", "emergency")]
) -> Response:
    """Reads a file and, unless it is only checked, puts it in force; what is wrong with it is said with its place."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise invalid_at("/file", "missing")
    emergency = text_of(form, "emergency").strip() or None
    handed = service.UploadedDocument(
        text_of(form, "kind"), safe_name(file.filename), await file.read(service.LARGEST + 1), emergency
    )
    check = bool(text_of(form, "check"))
    try:
        put = await asyncio.to_thread(service.hand_in, handed, visit.caller, visit.desk, check=check)
    except (FileError, DomainError) as error:
        found = await _health(visit)
        if isinstance(error, DomainError):
            said = visit.refused(error.refusal)
        else:
            said = error.ja if visit.language == "ja" else error.en
        came_back = {"problem": said, "emergency": emergency or ""}
        return visit.page("admin.html", found.model_copy(update=came_back), status=422)
    if check:
        found = await _health(visit)
        looked = {
            "checked": handed.name, "standing": put.standing, "places": places_of(put.changes, visit),
            "emergency": emergency or "",
        }  # fmt: skip
        return visit.page("admin.html", found.model_copy(update=looked))
    if put.standing is DocumentStanding.WAITS:
        return visit.to("/changes", N_("It changes who decides, so it waits until a second one agrees, or its day."))
    return visit.to("/admin", N_("It is in force."))


async def _health(visit: MemberVisit) -> HealthContext:
    desk = visit.desk
    engine = await desk.gateway.answers()
    return await asyncio.to_thread(_seen, visit, engine=engine)


def _seen(visit: MemberVisit, *, engine: bool) -> HealthContext:
    desk, facts = visit.desk, visit.caller.facts
    hooks = webhooks.listed(visit.caller, desk)
    return HealthContext(
        version=version("dx-spiral"),
        database=desk.readiness.problem() is None,
        engine=engine,
        counts=tuple(sorted(standing.by_status(desk).items())),
        position=standing.position(desk),
        channels=tuple(desk.settings.channels),
        documents=tuple(_documents(visit)),
        tokens=tuple(credentials.listed(visit.caller, desk, everybody=True, limit=10)),
        units=len(facts.organisation.units),
        vacant=vacancies(facts.organisation, facts.today),
        coming=len(transfers(facts.today + AHEAD, visit)),
        hooks=len(hooks),
        waiting=sum(one.change.outcome is None for one in service.changes(visit.caller, desk)),
        differences=tuple(
            (one.subject, DIFFERENCES[one.kind][visit.language != "ja"], one.since) for one in desk.differences.now()
        ),
        hooks_stopped=sum(one.status.value != "active" for one in hooks),
        hooks_behind=sum(one.behind for one in hooks if one.status.value == "active"),
    )


def _documents(visit: MemberVisit) -> list[Document]:
    return [
        Document(
            kind=kind,
            number=row.number,
            name=row.name,
            by=someone(row.imported_by, visit.caller.facts, visit.language).name,
            at=row.imported_at,
            in_force=index == 0,
        )
        for kind in service.KINDS
        for index, row in enumerate(service.known(kind, visit.desk)[:3])
    ]
