"""What happens, to open pages: Server-Sent Events under the visit's cookie; a page then asks for itself anew."""

from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent

from api.http.event_stream import HEARTBEAT
from api.http.parameters import whole_number
from api.services.cycles.cycles import readable_by
from api.web.frame.page import Member, pages_router

router = pages_router()


@router.get("/live")
async def live(visit: Member) -> EventSourceResponse:
    """`cycle` events from now on, or from where the browser was when the line broke."""
    last = visit.request.headers.get("last-event-id", "")
    after = whole_number(last)

    async def entries() -> AsyncIterator[ServerSentEvent]:
        async for entry in visit.desk.feed.listen(after, readable_by(visit.caller, visit.desk)):
            yield ServerSentEvent(entry.data, event="cycle", id=str(entry.position))

    return EventSourceResponse(entries(), ping=HEARTBEAT)
