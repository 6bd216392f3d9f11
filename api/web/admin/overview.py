"""Administration at a glance: how everything is and what to do next; files are checked and put in force here.

Every move goes through the functions of the JSON API or the file readers that `spiral import` uses.
"""

import asyncio
import tempfile
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from api.http.paging import Page
from api.routes.outgoing import webhooks as hook_routes
from api.routes.outgoing.webhooks import WebhookView
from api.services.accesses import note
from api.services.documents import allowed_in_force
from api.services.documents import put_in_force as in_force
from api.web.admin.access import Admin
from api.web.admin.organisation import AHEAD, transfers, vacancies
from api.web.format.gettext import N_
from api.web.forms.answered import answered
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, MemberVisit, pages_router, text_of
from api.web.frame.people import someone
from engine.domain.access.log import AccessAct
from engine.domain.cycle.attachments import safe_name
from engine.domain.errors import DomainError, invalid_at
from engine.exchange.document_import import read_edition, read_policy
from engine.exchange.errors import FileError
from engine.exchange.organisation_import import read_organisation
from engine.language.differences import DIFFERENCES
from engine.store.directory.directory import ORGANISATION, POLICY, ROADMAP
from engine.store.registers.tokens import Credential

LARGEST = 10_000_000
KINDS = (ORGANISATION, ROADMAP, POLICY)
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


@router.get("/admin")
async def health(visit: Admin) -> Response:
    """How it is."""
    return await asyncio.to_thread(visit.page, "admin.html", await _health(visit))


@router.post("/admin/files")
async def put_in_force(visit: Admin, form: Annotated[FormData, takes("kind", "file", "check")]) -> Response:
    """Reads a file and, unless it is only checked, puts it in force; what is wrong with it is said with its place."""
    kind, file = text_of(form, "kind"), form.get("file")
    if kind not in KINDS:
        raise invalid_at("/kind", "not_a_choice", expected=", ".join(KINDS))
    if not isinstance(file, UploadFile) or not file.filename:
        raise invalid_at("/file", "missing")
    content = await file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise invalid_at("/file", "too_long", limit="10 MB")
    called = safe_name(file.filename)
    try:
        document = await asyncio.to_thread(_read, kind, called, content, visit)
        name = str(getattr(document, "id", called))
        await asyncio.to_thread(allowed_in_force, visit.desk.directory, name, document)
    except (FileError, DomainError) as error:
        found = await _health(visit)
        if isinstance(error, DomainError):
            said = visit.refused(error.refusal)
        else:
            said = error.ja if visit.language == "ja" else error.en
        return visit.page("admin.html", found.model_copy(update={"problem": said}), status=422)
    if text_of(form, "check"):
        found = await _health(visit)
        return visit.page("admin.html", found.model_copy(update={"checked": called}))
    await asyncio.to_thread(in_force, visit.desk.directory, kind, name, document, visit.caller.id)
    await asyncio.to_thread(note, AccessAct.SETTING, visit.caller.id, visit.desk, kind, name)
    return visit.to("/admin", N_("It is in force."))


async def _health(visit: MemberVisit) -> HealthContext:
    desk = visit.desk
    engine = await desk.gateway.answers()
    return await asyncio.to_thread(_seen, visit, engine=engine)


def _seen(visit: MemberVisit, *, engine: bool) -> HealthContext:
    desk, facts = visit.desk, visit.caller.facts
    by_status: dict[str, int] = {}
    for (status, _), count in desk.reader.counts().items():
        by_status[status] = by_status.get(status, 0) + count
    hooks = answered(hook_routes.listed(visit.caller, desk), Page[WebhookView]).items
    return HealthContext(
        version=version("dx-spiral"),
        database=desk.readiness.problem() is None,
        engine=engine,
        counts=tuple(sorted(by_status.items())),
        position=desk.reader.position(),
        channels=tuple(desk.settings.channels),
        documents=tuple(_documents(visit)),
        tokens=tuple(desk.tokens.listed(limit=10)),
        units=len(facts.organisation.units),
        vacant=vacancies(facts.organisation, facts.today),
        coming=len(transfers(facts.today + AHEAD, visit)),
        hooks=len(hooks),
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
            number=row.number or 0,
            name=row.name,
            by=someone(row.imported_by, visit.caller.facts, visit.language).name,
            at=row.imported_at,
            in_force=index == 0,
        )
        for kind in KINDS
        for index, row in enumerate(visit.desk.reader.documents(kind)[:3])
    ]


def _read(kind: str, name: str, content: bytes, visit: MemberVisit) -> BaseModel:
    """The document in an uploaded file; the readers want a place with the file's own name."""
    readers: dict[str, Callable[[Path], BaseModel]] = {
        ORGANISATION: read_organisation,
        ROADMAP: read_edition,
        POLICY: lambda path: read_policy(path, visit.caller.facts.organisation),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            return readers[kind](path)
        except FileError as error:
            error.ja, error.en = (text.replace(f"{folder}/", "") for text in (error.ja, error.en))
            raise
