"""Webhooks: other systems get every event, signed and in order. For administrators."""

import base64
import hashlib
import json
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.auth import Caller, SignedIn
from api.container import AtDesk, Desk
from api.http.paging import Cursor, Limit, Page, encoded, number_before
from api.http.parameters import Number
from api.http.responses import IdempotencyKey, answer, command_id, problems
from api.schemas.deliveries import DeliveryView, delivery_view
from api.schemas.requests import Asked, AskedReason
from api.services.deliveries import DeliveryLog
from engine.domain.cycle.visibility import Visibility
from engine.domain.errors import FieldError, conflict, invalid, invalid_at, not_found, unprocessable
from engine.domain.notices.webhooks import EVENT_TYPES, DeliveryKind, WebhookStatus, short_type
from engine.domain.text import Identifier, Limits, Title, Written
from engine.runtime.destinations import LONGEST_URL, DestinationError, Destinations
from engine.runtime.signing import webhook_secret
from engine.store.registers.stepping_over import SkipAsked
from engine.store.registers.webhooks import Registration
from engine.store.tables_outgoing import WebhookRow

MOST = 100
"""Webhooks of one installation."""


def administrators_only(caller: SignedIn) -> Caller:
    """The caller, if they are an administrator today."""
    caller.must_be_admin()
    return caller


Admin = Annotated[Caller, Depends(administrators_only)]
router = APIRouter(prefix="/webhooks", tags=["webhooks"])
_ONE = problems(403, 404)


class AskedWebhook(Asked):
    """Where events go; `events` are types such as `step_submitted`, none or null means all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"url": "https://hooks.example.jp/spiral", "events": ["step_approved", "cycle_completed"]},
                {"url": "https://hooks.example.jp/all", "description": "庁内ポータル"},
            ]
        }
    )

    url: Annotated[str, Written(Limits(LONGEST_URL, one_line=True))]
    events: Annotated[tuple[Identifier, ...], Field(max_length=100)] | None = None
    description: Title | None = None
    ceiling: Visibility = Field(
        default=Visibility.OFFICE, description="of cycles that fewer may read, and of drafts, it is told nothing"
    )


class WebhookView(BaseModel):
    """A webhook; `secret` only in the answers that made it."""

    id: str
    url: str
    events: list[str] | None = Field(description="null means all")
    description: str | None
    ceiling: Visibility
    status: WebhookStatus
    reason: str | None = Field(description="why it is paused or disabled")
    behind: int = Field(description="events in the journal beyond what it has")
    old_secret_until: datetime | None = Field(description="until then the secret before the rotation signs too")
    created_at: datetime
    created_by: str
    changed_at: datetime
    secret: str | None = Field(default=None, description="shown once; verify signatures with it")


@router.post("", status_code=201, response_model=WebhookView, responses=problems(403, 409), operation_id="addWebhook")
def add(
    asked: AskedWebhook,
    caller: Admin,
    desk: AtDesk,
    background: BackgroundTasks,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Register a webhook for every event from now on. The answer shows its secret, once."""
    registration = _registration(asked, desk)
    command = command_id(caller, idempotency_key)
    webhook_id = "w" + base64.b32encode(hashlib.sha256(f"webhook\n{command}".encode()).digest()).decode().lower()[:12]
    if len(desk.webhooks.all()) >= MOST and desk.webhooks.get(webhook_id) is None:
        raise conflict("too_many_webhooks", limit=str(MOST))
    row = desk.webhooks.add(webhook_id, registration, caller.id, command)
    if (row.url, json.loads(row.events)) != (registration.url, list(registration.events)):
        raise unprocessable("idempotency_key_reused", key=idempotency_key or "")
    background.add_task(desk.gateway.wake_delivery, webhook_id)
    return _with_secret(row, desk, 201, location=f"/api/v1/webhooks/{webhook_id}")


@router.get("", response_model=Page[WebhookView], responses=problems(403), operation_id="listWebhooks")
def listed(_caller: Admin, desk: AtDesk) -> Response:
    """Every webhook, oldest first."""
    end = desk.reader.position()
    return answer(Page[WebhookView](items=[_view(row, end) for row in desk.webhooks.all()]))


@router.get("/{webhook}", response_model=WebhookView, responses=_ONE, operation_id="getWebhook")
def one(webhook: str, _caller: Admin, desk: AtDesk) -> Response:
    """One webhook."""
    return answer(_view(_found(desk.webhooks.get(webhook), webhook), desk.reader.position()))


@router.put("/{webhook}", response_model=WebhookView, responses=_ONE, operation_id="editWebhook")
def edit(
    webhook: str,
    asked: AskedWebhook,
    caller: Admin,
    desk: AtDesk,
    background: BackgroundTasks,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Change where it goes and what it gets; the event that waits is stepped over if it is not wanted any more."""
    command = command_id(caller, idempotency_key)
    row = desk.webhooks.edit(webhook, _registration(asked, desk), caller.id, command)
    return _changed(row, webhook, desk, background)


@router.delete("/{webhook}", status_code=204, responses=_ONE, operation_id="deleteWebhook")
def remove(webhook: str, caller: Admin, desk: AtDesk, background: BackgroundTasks) -> Response:
    """Forget a webhook and its log; nothing more is sent."""
    if not desk.webhooks.remove(webhook, caller.id):
        raise not_found("unknown_webhook", webhook=webhook)
    background.add_task(desk.gateway.wake_delivery, webhook)
    return Response(status_code=204)


@router.post("/{webhook}/pause", response_model=WebhookView, responses=_ONE, operation_id="pauseWebhook")
def pause(
    webhook: str,
    caller: Admin,
    desk: AtDesk,
    background: BackgroundTasks,
    asked: AskedReason | None = None,
    _idempotency_key: IdempotencyKey = None,
) -> Response:
    """Stop delivering; what happens meanwhile is delivered when it is enabled again."""
    reason = asked.reason if asked is not None and asked.reason else f"paused by {caller.id}"
    return _changed(desk.webhooks.pause(webhook, reason, caller.id), webhook, desk, background)


@router.post("/{webhook}/enable", response_model=WebhookView, responses=_ONE, operation_id="enableWebhook")
def enable(
    webhook: str,
    caller: Admin,
    desk: AtDesk,
    background: BackgroundTasks,
    _idempotency_key: IdempotencyKey = None,
) -> Response:
    """Deliver again, from exactly where it stopped."""
    return _changed(desk.webhooks.enable(webhook, caller.id), webhook, desk, background)


@router.post("/{webhook}/rotate-secret", response_model=WebhookView, responses=_ONE, operation_id="rotateWebhook")
def rotate(
    webhook: str,
    caller: Admin,
    desk: AtDesk,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """A new secret, shown once. For 24 hours the old one signs too, so that no delivery fails meanwhile."""
    row = _found(desk.webhooks.rotate(webhook, command_id(caller, idempotency_key), caller.id), webhook)
    return _with_secret(row, desk)


@router.post(
    "/{webhook}/test",
    status_code=202,
    response_model=DeliveryView,
    responses=_ONE,
    operation_id="testWebhook",
)
def try_out(
    webhook: str,
    caller: Admin,
    desk: AtDesk,
    background: BackgroundTasks,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Send a test event, once, also while it is paused; the log says what came of it."""
    _found(desk.webhooks.get(webhook), webhook)
    row = desk.webhooks.ask(webhook, DeliveryKind.TEST, command_id(caller, idempotency_key))
    background.add_task(desk.gateway.wake_delivery, webhook)
    return answer(delivery_view(row), 202)


@router.get(
    "/{webhook}/deliveries",
    response_model=Page[DeliveryView],
    responses=_ONE,
    operation_id="listDeliveries",
)
def deliveries(
    webhook: str,
    _caller: Admin,
    desk: AtDesk,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The log, newest first: attempts, what the receiver said, and when it is tried again."""
    _found(desk.webhooks.get(webhook), webhook)
    rows = desk.webhooks.deliveries(webhook, limit + 1, number_before(cursor))
    items = [delivery_view(row) for row in rows[:limit]]
    following = encoded((items[-1].n,)) if len(rows) > limit else None
    return answer(Page[DeliveryView](items=items, next_cursor=following))


@router.post(
    "/{webhook}/deliveries/{n}/redeliver",
    status_code=202,
    response_model=DeliveryView,
    responses=_ONE,
    operation_id="redeliver",
)
def redeliver(
    webhook: str,
    n: Number,
    caller: Admin,
    desk: AtDesk,
    background: BackgroundTasks,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Send an event of the log once more, under the same id, out of turn."""
    command = command_id(caller, idempotency_key)
    return answer(delivery_view(DeliveryLog(desk, webhook, background).redeliver(n, command)), 202)


@router.post(
    "/{webhook}/deliveries/{n}/skip",
    response_model=DeliveryView,
    responses=problems(403, 404, 409),
    operation_id="skipDelivery",
)
def skip(
    webhook: str,
    n: Number,
    caller: Admin,
    desk: AtDesk,
    background: BackgroundTasks,
    asked: AskedReason | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Step over an event that the receiver refuses, so that those behind it are delivered; it stays on record."""
    reason = asked.reason if asked is not None and asked.reason else None
    wish = SkipAsked(by=caller.id, reason=reason, command_id=command_id(caller, idempotency_key))
    return answer(delivery_view(DeliveryLog(desk, webhook, background).skip(n, wish)))


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


def _changed(row: WebhookRow | None, webhook: str, desk: Desk, background: BackgroundTasks) -> Response:
    found = _found(row, webhook)
    background.add_task(desk.gateway.wake_delivery, webhook)
    return answer(_view(found, desk.reader.position()))


def _with_secret(row: WebhookRow, desk: Desk, status: int = 200, **headers: str) -> Response:
    secret = webhook_secret(desk.settings.signing_key(), row.id, row.generation)
    view = _view(row, desk.reader.position()).model_copy(update={"secret": secret})
    return answer(view, status, X_Not_Kept="secret", **headers)


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
