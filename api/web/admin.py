"""Administration: health, organisation and transfers, policy, files, tokens, webhooks, the notices of everybody.

Every move goes through the functions of the JSON API or the file readers that `spiral import` uses.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated
from uuid import uuid4

from fastapi import BackgroundTasks, Depends
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from api.asked import AskedReason
from api.auth import hand_out
from api.paging import Page
from api.problems import validated
from api.routes import notices as notice_routes
from api.routes import policies as policy_routes
from api.routes import webhooks as hook_routes
from api.routes.health import database_answers
from api.routes.notices import NoticeView
from api.routes.policies import PolicyLine
from api.routes.webhooks import AskedWebhook, DeliveryView, WebhookView
from api.web.people import Someone, someone, unit_name
from api.web.site import Context, Member, MemberVisit, Typed, pages_router, text_of
from api.web.words import N_
from engine.domain.errors import invalid_at
from engine.domain.organisation import PostRef, Unit
from engine.domain.policy import Policy
from engine.files.documents import read_edition, read_policy
from engine.files.errors import FileError
from engine.files.organisation import read_organisation
from engine.store.directory import ORGANISATION, POLICY, ROADMAP
from engine.store.tokens import Issued, Tokens

AHEAD = timedelta(days=60)
"""How far ahead transfers are shown."""
LARGEST = 10_000_000
KINDS = (ORGANISATION, ROADMAP, POLICY)


def administrator(visit: Member) -> MemberVisit:
    """The visit of an administrator; anybody else gets `admin_only`."""
    visit.caller.must_be_admin()
    return visit


Admin = Annotated[MemberVisit, Depends(administrator)]
router = pages_router()


class Document(Context):
    """A document that is or was in force."""

    kind: str
    number: int
    name: str
    by: str
    at: object


class HealthContext(Context):
    """How it is, and what is in force."""

    version: str
    database: bool
    engine: bool
    counts: tuple[tuple[str, int], ...]
    position: int
    channels: tuple[str, ...]
    documents: tuple[Document, ...]
    tokens: tuple[Issued, ...]
    problem: str | None = None
    checked: str | None = None


class UnitLine(Context):
    """A unit with its head today, and how deep it stands."""

    unit: Unit
    name: str
    depth: int
    heads: tuple[Someone, ...]
    people: int


class Transfer(Context):
    """A post that begins or ends soon."""

    person: Someone
    unit: str
    title: str
    begins: bool
    on: date


class OrganisationContext(Context):
    """The organisation today, and what is coming."""

    units: tuple[UnitLine, ...]
    transfers: tuple[Transfer, ...]
    vacant: int


class PolicyContext(Context):
    """The policy in force, and those before it."""

    policy: Policy
    lines: tuple[PolicyLine, ...]


class HooksContext(Context):
    """Webhooks; `secret` is shown once."""

    hooks: tuple[WebhookView, ...]
    log: tuple[DeliveryView, ...]
    shown: str | None
    secret: str | None = None


class EverybodyContext(Context):
    """What everybody was told."""

    notices: tuple[NoticeView, ...]


class TokenContext(Context):
    """A token, shown once."""

    person: str
    token: str


@router.get("/admin")
async def health(visit: Admin) -> Response:
    """How it is."""
    return await asyncio.to_thread(visit.page, "admin.html", await _health(visit))


@router.post("/admin/files")
async def put_in_force(visit: Admin, form: Typed) -> Response:
    """Reads a file and, unless it is only checked, puts it in force; what is wrong with it is said with its place."""
    kind, file = text_of(form, "kind"), form.get("file")
    if kind not in KINDS:
        raise invalid_at("/kind", "not_a_choice", expected=", ".join(KINDS))
    if not isinstance(file, UploadFile) or not file.filename:
        raise invalid_at("/file", "missing")
    content = await file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise invalid_at("/file", "too_long", limit="10 MB")
    try:
        document = await asyncio.to_thread(_read, kind, Path(file.filename).name, content, visit)
    except FileError as error:
        found = await _health(visit)
        said = error.ja if visit.language == "ja" else error.en
        return visit.page("admin.html", found.model_copy(update={"problem": said}), status=422)
    if text_of(form, "check"):
        found = await _health(visit)
        return visit.page("admin.html", found.model_copy(update={"checked": Path(file.filename).name}))
    name = str(getattr(document, "id", Path(file.filename).name))
    await asyncio.to_thread(visit.desk.directory.import_document, kind, name, document, visit.caller.id)
    return visit.to("/admin", N_("It is in force."))


@router.post("/admin/tokens")
async def token(visit: Admin, form: Typed) -> Response:
    """A token for a program that acts for a person."""
    person = text_of(form, "person")
    if visit.caller.facts.organisation.person(person) is None:
        raise invalid_at("/person", "unknown_person", person=person)
    desk = visit.desk
    made = await asyncio.to_thread(hand_out, desk.database, desk.settings, person, by=visit.caller.id)
    return visit.page("token.html", TokenContext(person=person, token=made))


@router.get("/admin/organisation")
def organisation(visit: Admin) -> Response:
    """Units, heads, vacancies, transfers to come."""
    facts, language = visit.caller.facts, visit.language
    found, today = facts.organisation, facts.today
    held = {(one.unit_code, one.person_id) for one in found.posts if one.holds_on(today)}
    people = Counter(code for code, _ in held)
    lines = tuple(
        UnitLine(
            unit=unit,
            name=unit_name(unit.code, facts, language),
            depth=len(found.ancestors(unit.code)),
            heads=tuple(
                someone(one, facts, language) for one in found.holders(PostRef(kind="head", unit=unit.code), today)
            ),
            people=people[unit.code],
        )
        for unit in _ordered(found.units)
    )
    transfers = [
        Transfer(
            person=someone(post.person_id, facts, language),
            unit=unit_name(post.unit_code, facts, language),
            title=post.title,
            begins=begins,
            on=day,
        )
        for post in found.posts
        for begins, day in ((True, post.valid_from), (False, post.valid_to))
        if day is not None and today < day <= today + AHEAD
    ]
    context = OrganisationContext(
        units=lines,
        transfers=tuple(sorted(transfers, key=lambda one: (one.on, one.unit, one.person.name))),
        vacant=sum(not one.heads for one in lines),
    )
    return visit.page("admin_organisation.html", context)


@router.get("/admin/policy")
def policy(visit: Admin) -> Response:
    """The approval policy in plain words."""
    lines = Page[PolicyLine].model_validate_json(bytes(policy_routes.listed(visit.caller, visit.desk).body)).items
    return visit.page("admin_policy.html", PolicyContext(policy=visit.caller.facts.policy, lines=tuple(lines)))


@router.get("/admin/webhooks")
def hooks(visit: Admin, log: str = "") -> Response:
    """Webhooks, and the log of one."""
    return visit.page("admin_webhooks.html", _hooks(visit, log or None))


@router.post("/admin/webhooks")
async def add_hook(visit: Admin, form: Typed) -> Response:
    """Registers one; its secret is shown once."""
    given = {"url": text_of(form, "url"), "description": text_of(form, "description") or None}
    try:
        asked = AskedWebhook.model_validate(given)
    except ValidationError as error:
        raise validated(error) from error
    waiting = BackgroundTasks()
    made = await asyncio.to_thread(hook_routes.add, asked, visit.caller, visit.desk, waiting, uuid4().hex)
    await waiting()
    secret = WebhookView.model_validate_json(bytes(made.body)).secret
    return visit.page("admin_webhooks.html", _hooks(visit, None).model_copy(update={"secret": secret}))


@router.post("/admin/webhooks/{webhook}")
async def change_hook(visit: Admin, form: Typed, webhook: str) -> Response:
    """Pauses, enables, tests, gives a new secret, or forgets one."""
    waiting, action, desk, caller = BackgroundTasks(), text_of(form, "action"), visit.desk, visit.caller
    match action:
        case "pause":
            await asyncio.to_thread(hook_routes.pause, webhook, caller, desk, waiting, AskedReason())
        case "enable":
            await asyncio.to_thread(hook_routes.enable, webhook, caller, desk, waiting)
        case "remove":
            await asyncio.to_thread(hook_routes.remove, webhook, caller, desk, waiting)
        case "rotate":
            made = await asyncio.to_thread(hook_routes.rotate, webhook, caller, desk, uuid4().hex)
            secret = WebhookView.model_validate_json(bytes(made.body)).secret
            return visit.page("admin_webhooks.html", _hooks(visit, None).model_copy(update={"secret": secret}))
        case _:
            raise invalid_at("/action", "not_a_choice", expected="pause, enable, rotate, remove")
    await waiting()
    return visit.to("/admin/webhooks", N_("Done."))


@router.get("/admin/notices")
def everybodys(visit: Admin) -> Response:
    """What everybody was told lately."""
    found = Page[NoticeView].model_validate_json(
        bytes(notice_routes.everybodys(visit.caller, visit.desk, limit=100).body)
    )
    return visit.page("admin_notices.html", EverybodyContext(notices=tuple(found.items)))


async def _health(visit: MemberVisit) -> HealthContext:
    desk = visit.desk
    counts = await asyncio.to_thread(desk.reader.counts)
    by_status: dict[str, int] = {}
    for (status, _), count in counts.items():
        by_status[status] = by_status.get(status, 0) + count

    def documents() -> tuple[Document, ...]:
        return tuple(
            Document(
                kind=kind, number=row.number or 0, name=row.name, by=row.imported_by, at=row.imported_at
            )
            for kind in KINDS
            for row in desk.reader.documents(kind)[:3]
        )  # fmt: skip

    return HealthContext(
        version=version("dx-spiral"),
        database=await asyncio.to_thread(database_answers, desk),
        engine=await desk.gateway.answers(),
        counts=tuple(sorted(by_status.items())),
        position=await asyncio.to_thread(desk.reader.position),
        channels=tuple(desk.settings.channels),
        documents=await asyncio.to_thread(documents),
        tokens=await asyncio.to_thread(Tokens(desk.database).issued, 10),
    )


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


def _ordered(units: tuple[Unit, ...]) -> list[Unit]:
    """Each unit under the one above it."""
    below: dict[str | None, list[Unit]] = {}
    for unit in units:
        below.setdefault(unit.parent_code, []).append(unit)
    found: list[Unit] = []
    stack = list(reversed(below.get(None, [])))
    while stack:
        unit = stack.pop()
        found.append(unit)
        stack += reversed(below.get(unit.code, []))
    return found


def _hooks(visit: MemberVisit, log: str | None) -> HooksContext:
    hooks = Page[WebhookView].model_validate_json(bytes(hook_routes.listed(visit.caller, visit.desk).body)).items
    lines: tuple[DeliveryView, ...] = ()
    if log is not None:
        answer = hook_routes.deliveries(log, visit.caller, visit.desk, limit=50)
        lines = tuple(Page[DeliveryView].model_validate_json(bytes(answer.body)).items)
    return HooksContext(hooks=tuple(hooks), log=lines, shown=log)
