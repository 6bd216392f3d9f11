"""Webhooks: other systems get every event, signed and in order. All of it is an administrator's.

`after` is what wakes the delivery once the answer is on its way.
"""

import base64
import hashlib
import json

from fastapi import BackgroundTasks

from api.auth import Caller
from api.container import Desk
from api.http.paging import Page, encoded, number_before
from api.http.responses import command_id
from api.schemas.deliveries import DeliveryView, delivery_view
from api.schemas.webhooks import AskedWebhook, WebhookView
from api.services.outgoing.deliveries import DeliveryLog
from engine.domain.cycle.visibility import Visibility
from engine.domain.errors import FieldError, conflict, invalid, invalid_at, not_found, unprocessable
from engine.domain.notices.webhooks import EVENT_TYPES, DeliveryKind, WebhookStatus, short_type
from engine.runtime.destinations import DestinationError, Destinations
from engine.runtime.signing import webhook_secret
from engine.store.registers.stepping_over import SkipAsked
from engine.store.registers.webhooks import Registration
from engine.store.tables_outgoing import WebhookRow

MOST = 100
"""Webhooks of one installation."""


def add(asked: AskedWebhook, caller: Caller, desk: Desk, after: BackgroundTasks, key: str | None) -> WebhookView:
    """Register a webhook for every event from now on. The answer shows its secret, once."""
    caller.must_be_admin()
    registration = _registration(asked, desk)
    command = command_id(caller, key)
    webhook_id = "w" + base64.b32encode(hashlib.sha256(f"webhook\n{command}".encode()).digest()).decode().lower()[:12]
    if len(desk.webhooks.all()) >= MOST and desk.webhooks.get(webhook_id) is None:
        raise conflict("too_many_webhooks", limit=str(MOST))
    row = desk.webhooks.add(webhook_id, registration, caller.id, command)
    if (row.url, json.loads(row.events)) != (registration.url, list(registration.events)):
        raise unprocessable("idempotency_key_reused", key=key or "")
    after.add_task(desk.gateway.wake_delivery, webhook_id)
    return _with_secret(row, desk)


def listed(caller: Caller, desk: Desk) -> list[WebhookView]:
    """Every webhook, oldest first."""
    caller.must_be_admin()
    end = desk.reader.position()
    return [_view(row, end) for row in desk.webhooks.all()]


def one(webhook: str, caller: Caller, desk: Desk) -> WebhookView:
    """One webhook."""
    caller.must_be_admin()
    return _view(_found(desk.webhooks.get(webhook), webhook), desk.reader.position())


def edit(  # noqa: PLR0913, PLR0917 - which, what, by whom
    webhook: str, asked: AskedWebhook, caller: Caller, desk: Desk, after: BackgroundTasks, key: str | None
) -> WebhookView:
    """Change where it goes and what it gets; the event that waits is stepped over if it is not wanted any more."""
    caller.must_be_admin()
    command = command_id(caller, key)
    row = desk.webhooks.edit(webhook, _registration(asked, desk), caller.id, command)
    return _changed(row, webhook, desk, after)


def remove(webhook: str, caller: Caller, desk: Desk, after: BackgroundTasks) -> None:
    """Forget a webhook and its log; nothing more is sent."""
    caller.must_be_admin()
    if not desk.webhooks.remove(webhook, caller.id):
        raise not_found("unknown_webhook", webhook=webhook)
    after.add_task(desk.gateway.wake_delivery, webhook)


def pause(webhook: str, caller: Caller, desk: Desk, after: BackgroundTasks, reason: str | None = None) -> WebhookView:
    """Stop delivering; what happens meanwhile is delivered when it is enabled again."""
    caller.must_be_admin()
    why = reason or f"paused by {caller.id}"
    return _changed(desk.webhooks.pause(webhook, why, caller.id), webhook, desk, after)


def enable(webhook: str, caller: Caller, desk: Desk, after: BackgroundTasks) -> WebhookView:
    """Deliver again, from exactly where it stopped."""
    caller.must_be_admin()
    return _changed(desk.webhooks.enable(webhook, caller.id), webhook, desk, after)


def rotate(webhook: str, caller: Caller, desk: Desk, key: str | None) -> WebhookView:
    """A new secret, shown once. For 24 hours the old one signs too, so that no delivery fails meanwhile."""
    caller.must_be_admin()
    row = _found(desk.webhooks.rotate(webhook, command_id(caller, key), caller.id), webhook)
    return _with_secret(row, desk)


def try_out(webhook: str, caller: Caller, desk: Desk, after: BackgroundTasks, key: str | None) -> DeliveryView:
    """Send a test event, once, also while it is paused; the log says what came of it."""
    caller.must_be_admin()
    _found(desk.webhooks.get(webhook), webhook)
    row = desk.webhooks.ask(webhook, DeliveryKind.TEST, command_id(caller, key))
    after.add_task(desk.gateway.wake_delivery, webhook)
    return delivery_view(row)


def deliveries(webhook: str, caller: Caller, desk: Desk, limit: int, cursor: str | None = None) -> Page[DeliveryView]:
    """The log, newest first: attempts, what the receiver said, and when it is tried again."""
    caller.must_be_admin()
    _found(desk.webhooks.get(webhook), webhook)
    rows = desk.webhooks.deliveries(webhook, limit + 1, number_before(cursor))
    items = [delivery_view(row) for row in rows[:limit]]
    following = encoded((items[-1].n,)) if len(rows) > limit else None
    return Page[DeliveryView](items=items, next_cursor=following)


def redeliver(  # noqa: PLR0913, PLR0917 - as above
    webhook: str, n: int, caller: Caller, desk: Desk, after: BackgroundTasks, key: str | None
) -> DeliveryView:
    """Send an event of the log once more, under the same id, out of turn."""
    caller.must_be_admin()
    command = command_id(caller, key)
    return delivery_view(DeliveryLog(desk, webhook, after).redeliver(n, command))


def skip(  # noqa: PLR0913, PLR0917 - as above
    webhook: str, n: int, reason: str | None, caller: Caller, desk: Desk, after: BackgroundTasks, key: str | None
) -> DeliveryView:
    """Step over an event that the receiver refuses, so that those behind it are delivered; it stays on record."""
    caller.must_be_admin()
    wish = SkipAsked(by=caller.id, reason=reason or None, command_id=command_id(caller, key))
    return delivery_view(DeliveryLog(desk, webhook, after).skip(n, wish))


def _registration(asked: AskedWebhook, desk: Desk) -> Registration:
    """What was asked, looked at: a URL that may be reached, events that exist."""
    try:
        Destinations(desk.settings.webhook_allow).check_now(asked.url)
    except DestinationError as error:
        raise invalid_at("/url", error.code, **error.params) from error
    named = [short_type(one) for one in asked.events or ()]
    wrong = [
        FieldError(pointer=f"/events/{index}", code="not_a_choice", params={"expected": ", ".join(EVENT_TYPES)})
        for index, one in enumerate(named)
        if one is None
    ]
    if wrong:
        raise invalid(*wrong)
    events = tuple(sorted({one for one in named if one is not None}))
    return Registration(url=asked.url, events=events, description=asked.description, ceiling=asked.ceiling)


def _found(row: WebhookRow | None, webhook_id: str) -> WebhookRow:
    if row is None:
        raise not_found("unknown_webhook", webhook=webhook_id)
    return row


def _changed(row: WebhookRow | None, webhook: str, desk: Desk, after: BackgroundTasks) -> WebhookView:
    found = _found(row, webhook)
    after.add_task(desk.gateway.wake_delivery, webhook)
    return _view(found, desk.reader.position())


def _with_secret(row: WebhookRow, desk: Desk) -> WebhookView:
    secret = webhook_secret(desk.settings.signing_key(), row.id, row.generation)
    return _view(row, desk.reader.position()).model_copy(update={"secret": secret})


def _view(row: WebhookRow, end: int) -> WebhookView:
    return WebhookView(
        id=row.id,
        url=row.url,
        events=json.loads(row.events) or None,
        description=row.description,
        ceiling=Visibility(row.ceiling),
        status=WebhookStatus(row.status),
        reason=row.reason,
        behind=max(0, end - row.position),
        old_secret_until=row.old_until,
        created_at=row.created_at,
        created_by=row.created_by,
        changed_at=row.changed_at,
    )
