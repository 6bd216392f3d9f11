"""Webhooks: other systems get every event, signed and in order. For administrators."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends
from starlette.responses import Response

from api.auth import Caller, SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, Page
from api.http.parameters import Number
from api.http.responses import IdempotencyKey, answer, problems
from api.schemas.deliveries import DeliveryView
from api.schemas.requests import AskedReason
from api.schemas.webhooks import AskedWebhook, WebhookView
from api.services.outgoing import webhooks as service


def administrators_only(caller: SignedIn) -> Caller:
    """The caller, if they are an administrator today."""
    caller.must_be_admin()
    return caller


Admin = Annotated[Caller, Depends(administrators_only)]
router = APIRouter(prefix="/webhooks", tags=["webhooks"])
_ONE = problems(403, 404)


@router.post("", status_code=201, response_model=WebhookView, responses=problems(403, 409), operation_id="addWebhook")
def add(
    asked: AskedWebhook,
    caller: Admin,
    desk: AtDesk,
    background: BackgroundTasks,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Register a webhook for every event from now on. The answer shows its secret, once."""
    made = service.add(asked, caller, desk, background, idempotency_key)
    return answer(made, 201, X_Not_Kept="secret", Location=f"/api/v1/webhooks/{made.id}")


@router.get("", response_model=Page[WebhookView], responses=problems(403), operation_id="listWebhooks")
def listed(caller: Admin, desk: AtDesk) -> Response:
    """Every webhook, oldest first."""
    return answer(Page[WebhookView](items=service.listed(caller, desk)))


@router.get("/{webhook}", response_model=WebhookView, responses=_ONE, operation_id="getWebhook")
def one(webhook: str, caller: Admin, desk: AtDesk) -> Response:
    """One webhook."""
    return answer(service.one(webhook, caller, desk))


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
    return answer(service.edit(webhook, asked, caller, desk, background, idempotency_key))


@router.delete("/{webhook}", status_code=204, responses=_ONE, operation_id="deleteWebhook")
def remove(webhook: str, caller: Admin, desk: AtDesk, background: BackgroundTasks) -> Response:
    """Forget a webhook and its log; nothing more is sent."""
    service.remove(webhook, caller, desk, background)
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
    return answer(service.pause(webhook, caller, desk, background, asked.reason if asked else None))


@router.post("/{webhook}/enable", response_model=WebhookView, responses=_ONE, operation_id="enableWebhook")
def enable(
    webhook: str,
    caller: Admin,
    desk: AtDesk,
    background: BackgroundTasks,
    _idempotency_key: IdempotencyKey = None,
) -> Response:
    """Deliver again, from exactly where it stopped."""
    return answer(service.enable(webhook, caller, desk, background))


@router.post("/{webhook}/rotate-secret", response_model=WebhookView, responses=_ONE, operation_id="rotateWebhook")
def rotate(
    webhook: str,
    caller: Admin,
    desk: AtDesk,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """A new secret, shown once. For 24 hours the old one signs too, so that no delivery fails meanwhile."""
    return answer(service.rotate(webhook, caller, desk, idempotency_key), X_Not_Kept="secret")


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
    return answer(service.try_out(webhook, caller, desk, background, idempotency_key), 202)


@router.get(
    "/{webhook}/deliveries",
    response_model=Page[DeliveryView],
    responses=_ONE,
    operation_id="listDeliveries",
)
def deliveries(
    webhook: str,
    caller: Admin,
    desk: AtDesk,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The log, newest first: attempts, what the receiver said, and when it is tried again."""
    return answer(service.deliveries(webhook, caller, desk, limit, cursor))


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
    return answer(service.redeliver(webhook, n, caller, desk, background, idempotency_key), 202)


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
    reason = asked.reason if asked else None
    return answer(service.skip(webhook, n, reason, caller, desk, background, idempotency_key))
