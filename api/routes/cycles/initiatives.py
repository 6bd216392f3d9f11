"""Initiatives: starting one, and seeing the whole spiral it has become."""

from fastapi import APIRouter
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, Page
from api.http.parameters import CodeAsked, Search
from api.http.responses import IdempotencyKey, answer, problems
from api.schemas.cycle import CycleView, InitiativeView
from api.schemas.lineage import LineageView, lineage_view
from api.schemas.requests import AskedCopy, AskedInitiative
from api.services.cycles import lists
from api.services.cycles import starting as service
from api.services.cycles.lineage import whole_spiral
from engine.contracts.lists import CycleFilter
from engine.domain.roadmap import Pillar

router = APIRouter(tags=["initiatives"])


@router.post(
    "/initiatives",
    status_code=201,
    response_model=CycleView,
    responses=problems(403, 503),
    operation_id="startInitiative",
)
async def start(
    asked: AskedInitiative, caller: SignedIn, desk: AtDesk, idempotency_key: IdempotencyKey = None
) -> Response:
    """Start an initiative for a unit where you hold a post; the answer is its first cycle."""
    return _started(await service.start(asked, caller, desk, idempotency_key))


@router.post(
    "/cycles/{cycle}/copy",
    status_code=201,
    response_model=CycleView,
    responses=problems(403, 404, 409, 503),
    operation_id="copyCycle",
)
async def copy(
    cycle: str, asked: AskedCopy, caller: SignedIn, desk: AtDesk, idempotency_key: IdempotencyKey = None
) -> Response:
    """引用起案: start anew with the drafts of a cycle that has ended; what is not named stays as it was."""
    return _started(await service.copy(cycle, asked, caller, desk, idempotency_key))


def _started(view: CycleView) -> Response:
    return answer(view, 201, Location=f"/api/v1/cycles/{view.id}", ETag=f'"{view.revision}"')


@router.get("/initiatives", response_model=Page[InitiativeView], responses=problems(), operation_id="listInitiatives")
def listed(
    caller: SignedIn,
    desk: AtDesk,
    limit: Limit = 50,
    cursor: Cursor = None,
    pillar: Pillar | None = None,
    startup: CodeAsked = None,
    q: Search = None,
) -> Response:
    """Initiatives, the newest first; filters look at the first cycle that you may read."""
    wanted = CycleFilter(pillar=pillar, startup=startup, q=q)
    return answer(lists.initiatives(wanted, caller, desk, limit=limit, cursor=cursor))


@router.get(
    "/initiatives/{initiative}", response_model=InitiativeView, responses=problems(404), operation_id="getInitiative"
)
def shown(initiative: str, caller: SignedIn, desk: AtDesk) -> Response:
    """The whole spiral: every cycle with parents and children, effects summed as increments."""
    return answer(lists.initiative(initiative, caller, desk))


@router.get(
    "/initiatives/{initiative}/lineage",
    response_model=LineageView,
    responses=problems(404),
    operation_id="getLineage",
)
def lineage(initiative: str, caller: SignedIn, desk: AtDesk) -> Response:
    """The spiral as nodes and edges, with every other spiral that joined it or that it was copied from or to."""
    found = whole_spiral(initiative, caller, desk)
    return answer(lineage_view(found.cycles, found.headings, found.edges, found.account, complete=found.complete))
