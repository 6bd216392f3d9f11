"""Webhooks: who is told of every event, how it goes, and what can be done about it."""

import asyncio
from typing import Annotated

from fastapi import BackgroundTasks
from pydantic import Field, ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.http.parameters import Number
from api.schemas.deliveries import DeliveryView
from api.schemas.requests import AskedReason
from api.schemas.webhooks import AskedWebhook, WebhookView
from api.services.outgoing import webhooks as service
from api.web.admin.access import Admin
from api.web.format.gettext import N_, name_of
from api.web.frame.form_fields import takes
from api.web.frame.page import Context, MemberVisit, pages_router, text_of
from api.web.frame.people import someone
from engine.domain.cycle.visibility import Visibility
from engine.domain.errors import invalid_at
from engine.domain.model_faults import validated
from engine.domain.notices.webhooks import DeliveryKind, DeliveryStatus

router = pages_router()
LATEST, LOG = 3, 50
"""Deliveries shown with each webhook, and in the log of one."""


class Hook(Context):
    """A webhook with its last deliveries, the newest first."""

    hook: WebhookView
    latest: tuple[DeliveryView, ...]
    held_up: DeliveryView | None


class HooksContext(Context):
    """Webhooks; `secret` is shown once."""

    hooks: tuple[Hook, ...]
    log: tuple[DeliveryView, ...]
    shown: str | None
    secret: str | None = None
    names: dict[str, str] = Field(default_factory=dict)
    ceilings: tuple[tuple[str, str], ...]


@router.get("/admin/webhooks")
def hooks(visit: Admin, log: str = "") -> Response:
    """Webhooks, and the log of one."""
    return visit.page("admin_webhooks.html", _hooks(visit, log or None))


@router.post("/admin/webhooks")
async def add_hook(visit: Admin, form: Annotated[FormData, takes("url", "description", "ceiling")]) -> Response:
    """Registers one; its secret is shown once."""
    given = {"url": text_of(form, "url"), "description": text_of(form, "description") or None}
    given["ceiling"] = text_of(form, "ceiling") or Visibility.OFFICE.value
    try:
        asked = AskedWebhook.model_validate(given)
    except ValidationError as error:
        raise validated(error) from error
    waiting = BackgroundTasks()
    made = await asyncio.to_thread(service.add, asked, visit.caller, visit.desk, waiting, visit.form_key())
    await waiting()
    return _secret(visit, made.secret)


@router.post("/admin/webhooks/{webhook}")
async def change_hook(visit: Admin, form: Annotated[FormData, takes("action")], webhook: str) -> Response:
    """Pauses, enables, tests, gives a new secret, or forgets one."""
    waiting, action, desk, caller = BackgroundTasks(), text_of(form, "action"), visit.desk, visit.caller
    match action:
        case "pause":
            await asyncio.to_thread(service.pause, webhook, caller, desk, waiting)
        case "enable":
            await asyncio.to_thread(service.enable, webhook, caller, desk, waiting)
        case "remove":
            await asyncio.to_thread(service.remove, webhook, caller, desk, waiting)
        case "rotate":
            made = await asyncio.to_thread(service.rotate, webhook, caller, desk, visit.form_key())
            return _secret(visit, made.secret)
        case _:
            raise invalid_at("/action", "not_a_choice", expected="pause, enable, rotate, remove")
    await waiting()
    return visit.to("/admin/webhooks", N_("Done."))


@router.post("/admin/webhooks/{webhook}/deliveries/{n}/skip")
async def skip_delivery(
    visit: Admin, form: Annotated[FormData, takes("reason")], webhook: str, n: Number
) -> Response:
    """Steps over an event that the receiver refuses; pressed twice it does so once."""
    waiting, asked = BackgroundTasks(), AskedReason.model_validate({"reason": text_of(form, "reason") or None})
    caller, desk = visit.caller, visit.desk
    await asyncio.to_thread(service.skip, webhook, n, asked.reason, caller, desk, waiting, visit.command_id())
    await waiting()
    return visit.to("/admin/webhooks", N_("The event is stepped over. What waited behind it goes out now."))


def _secret(visit: MemberVisit, secret: str | None) -> Response:
    context = _hooks(visit, None).model_copy(update={"secret": secret})
    return visit.shown_once("admin_webhooks.html", context, "/admin/webhooks")


def _hooks(visit: MemberVisit, log: str | None) -> HooksContext:
    found = service.listed(visit.caller, visit.desk)
    hooks, lines = tuple(_hook(one, visit) for one in found), _deliveries(log, LOG, visit) if log is not None else ()
    every = (*lines, *(line for hook in hooks for line in hook.latest))
    people = {line.skipped_by for line in every if line.skipped_by}
    return HooksContext(
        hooks=hooks,
        log=lines,
        ceilings=tuple((one.value, name_of(one, visit.language)) for one in Visibility),
        shown=next((one.url for one in found if one.id == log), log),
        names={one: someone(one, visit.caller.facts, visit.language).name for one in people},
    )


def _hook(one: WebhookView, visit: MemberVisit) -> Hook:
    latest = _deliveries(one.id, LOG, visit)
    held_up = next(
        (line for line in latest if line.kind is DeliveryKind.EVENT and line.attempts and _waits(line)), None
    )
    return Hook(hook=one, latest=latest[:LATEST], held_up=held_up)


def _waits(line: DeliveryView) -> bool:
    return line.status is DeliveryStatus.WAITING


def _deliveries(webhook: str, most: int, visit: MemberVisit) -> tuple[DeliveryView, ...]:
    return tuple(service.deliveries(webhook, visit.caller, visit.desk, most).items)
