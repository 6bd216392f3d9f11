"""決裁の履歴: what the caller has decided."""

from fastapi import APIRouter
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, Page
from api.http.responses import answer, problems
from api.schemas.history import DecidedView
from api.services.cycles.history import decided

router = APIRouter(tags=["people"])


@router.get("/inbox/history", response_model=Page[DecidedView], responses=problems(), operation_id="getInboxHistory")
def history(caller: SignedIn, desk: AtDesk, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """What the caller has decided, the newest first."""
    return answer(decided(caller, desk, limit, cursor))
