"""What happens, as it happens: Server-Sent Events with the journal's position as id."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.auth import SignedIn
from api.container import AtDesk
from api.http.event_stream import HEARTBEAT
from api.http.parameters import whole_number
from api.http.responses import problems
from api.services.cycles.cycles import readable_by
from engine.domain.errors import invalid_at

router = APIRouter(tags=["stream"])


@router.get(
    "/stream",
    response_class=EventSourceResponse,
    responses=problems() | {200: {"content": {"text/event-stream": {}}, "description": "`cycle` events"}},
    operation_id="stream",
)
async def stream(
    caller: SignedIn, desk: AtDesk, last_event_id: Annotated[str | None, Header()] = None
) -> EventSourceResponse:
    """`cycle` events, each with cycle, revision and type. Reconnect with `Last-Event-ID` and none is missed."""
    after = whole_number(last_event_id) if last_event_id is not None else None
    if last_event_id is not None and after is None:
        raise invalid_at("?last-event-id", "bad_cursor")

    async def entries() -> AsyncIterator[ServerSentEvent]:
        async for entry in desk.feed.listen(after, readable_by(caller, desk)):
            yield ServerSentEvent(entry.data, event="cycle", id=str(entry.position))

    return EventSourceResponse(entries(), ping=HEARTBEAT)
