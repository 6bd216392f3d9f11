"""決裁の履歴: what somebody has decided."""

from api.auth import Caller
from api.container import Desk
from api.http.paging import Page, encoded, place_of
from api.schemas.history import DecidedView
from engine.store.queries.decision_times import History


def decided(caller: Caller, desk: Desk, limit: int, cursor: str | None) -> Page[DecidedView]:
    """What the caller has decided, the newest first."""
    rows = History(desk.database).decided(caller.id, limit + 1, caller.clearance, place_of(cursor))
    items = [
        DecidedView.model_validate(row.model_dump(include=set(DecidedView.model_fields)) | {"title": title})
        for row, title in rows[:limit]
    ]
    last = rows[limit - 1][0] if len(rows) > limit else None
    following = encoded((last.at.isoformat(), last.cycle_id, last.seq)) if last else None
    return Page[DecidedView](items=items, next_cursor=following)
