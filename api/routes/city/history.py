"""決裁の履歴: what the caller has decided."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, Page, encoded, place_of
from api.http.responses import answer, problems
from api.schemas.cycle import View
from engine.domain.steps import Step
from engine.store.queries.decision_times import History

router = APIRouter(tags=["people"])


class DecidedView(View):
    """One decision of the caller."""

    cycle_id: str
    title: str
    step: Step
    round: int
    action: str
    at: datetime
    post: str
    acted_as: str = Field(description="post, proxy, escalation or pull_up")
    on_behalf_of: str | None
    reason: str | None
    retracted_at: datetime | None = Field(description="when the caller took it back")


@router.get("/inbox/history", response_model=Page[DecidedView], responses=problems(), operation_id="getInboxHistory")
def history(caller: SignedIn, desk: AtDesk, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """What the caller has decided, the newest first."""
    rows = History(desk.database).decided(caller.id, limit + 1, place_of(cursor))
    items = [
        DecidedView.model_validate(row.model_dump(include=set(DecidedView.model_fields)) | {"title": title})
        for row, title in rows[:limit]
    ]
    last = rows[limit - 1][0] if len(rows) > limit else None
    following = encoded((last.at.isoformat(), last.cycle_id, last.seq)) if last else None
    return answer(Page[DecidedView](items=items, next_cursor=following))
