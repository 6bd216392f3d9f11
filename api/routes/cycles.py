"""Cycles: reading one, and everything a person can do with it."""

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.answers import IdempotencyKey, IfMatch, answer, command_id, cycle_answer, problems, revision_of
from api.asked import AskedComment, AskedDecision, AskedEvidence, AskedReason, AskedSubmission
from api.auth import Caller, SignedIn
from api.paging import Cursor, Limit, Page, encoded, key_of, next_of, number_of
from api.problems import validated
from api.route_view import RouteView, route_view
from api.state import AtDesk, Desk
from api.views import CycleView, EventView, cycle_view
from engine.domain import commands as c
from engine.domain.deliverables import Deliverables, Imagine, Realise, Share, Transform
from engine.domain.errors import not_found
from engine.domain.scope import OrgScope
from engine.domain.steps import CycleStatus, Step
from engine.store.readers import CycleFilter, Lineage

router = APIRouter(tags=["cycles"])
_CHANGES: dict[str, Any] = {"response_model": CycleView, "responses": problems(403, 404, 409, 412, 503)}


async def _do(
    request: Request, cycle: str, body: Any, caller: Caller, desk: Desk, key: str | None, if_match: str | None
) -> Response:  # fmt: skip
    """One command through the only door, and the cycle as it is afterwards."""
    command = c.Command(id=command_id(caller, key), actor=caller.id, if_revision=revision_of(if_match), body=body)
    await desk.gateway.command(cycle, command)
    return cycle_answer(cycle_view(await asyncio.to_thread(_there, desk, cycle), caller.facts), request)


def _there(desk: Desk, cycle: str) -> Lineage:
    lineage = desk.reader.cycle(cycle)
    if lineage is None:
        raise not_found("unknown_cycle", cycle=cycle)
    return lineage


@router.get("/cycles", response_model=Page[CycleView], responses=problems(), operation_id="listCycles")
def listed(  # noqa: PLR0913, PLR0917 - one argument for each filter of the contract
    caller: SignedIn,
    desk: AtDesk,
    step: Step | None = None,
    status: CycleStatus | None = None,
    org_scope: OrgScope | None = None,
    org_unit: str | None = None,
    pillar: str | None = None,
    startup: str | None = None,
    owner: Annotated[str | None, Query(description="`me` or a person")] = None,
    waiting_for: Annotated[str | None, Query(description="`me` or a person: their inbox")] = None,
    overdue: bool | None = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Cycles, the newest first."""
    ids = None
    if waiting_for is not None:
        waiting = desk.reader.inbox(caller.id if waiting_for == "me" else waiting_for, caller.facts)
        ids = frozenset(one.state.cycle_id for one in waiting)
    wanted = CycleFilter(
        step=step,
        status=status,
        org_scope=org_scope,
        org_unit=org_unit,
        pillar=pillar,
        startup=startup,
        owner=caller.id if owner == "me" else owner,
        overdue_at=desk.directory.now() if overdue else None,
        q=q,
        ids=ids,
    )
    found = desk.reader.cycles(wanted, limit + 1, key_of(cursor))
    items = [cycle_view(one, caller.facts) for one in found[:limit]]
    return answer(Page[CycleView].model_construct(items=items, next_cursor=next_of(found, limit)))


@router.get("/cycles/{cycle}", response_model=CycleView, responses=problems(404), operation_id="getCycle")
def shown(cycle: str, request: Request, caller: SignedIn, desk: AtDesk) -> Response:
    """One cycle; `ETag` is its revision."""
    return cycle_answer(cycle_view(_there(desk, cycle), caller.facts), request)


@router.put("/cycles/{cycle}/draft", **_CHANGES, operation_id="saveDraft")
async def save_draft(
    cycle: str,
    asked: Annotated[dict[str, Any], Body(description="the current step's deliverable; may be incomplete")],
    request: Request,
    caller: SignedIn,
    desk: AtDesk,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Save the draft of the current step; what was there is replaced."""
    lineage = await asyncio.to_thread(_there, desk, cycle)
    model = Deliverables.MODELS[lineage.state.step]
    try:
        deliverable: Imagine | Transform | Realise | Share = model.model_validate_json(json.dumps(asked))
    except ValidationError as error:
        raise validated(error) from error
    return await _do(request, cycle, c.SaveDraft(deliverable=deliverable), caller, desk, idempotency_key, if_match)


@router.post("/cycles/{cycle}/submit", **_CHANGES, operation_id="submit")
async def submit(
    cycle: str,
    request: Request,
    caller: SignedIn,
    desk: AtDesk,
    asked: AskedSubmission | None = None,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Hand the current step in; 422 names every field that is missing or wrong."""
    body = c.Submit(message=asked.message if asked else None)
    return await _do(request, cycle, body, caller, desk, idempotency_key, if_match)


@router.get("/cycles/{cycle}/route", response_model=RouteView, responses=problems(404, 409), operation_id="getRoute")
def route(cycle: str, caller: SignedIn, desk: AtDesk) -> Response:
    """Who decides, who is away, who stands in, and by when: before submitting too."""
    return answer(route_view(_there(desk, cycle).state, caller.facts, desk.directory.now()))


@router.post("/cycles/{cycle}/decisions", **_CHANGES, operation_id="decide")
async def decide(
    cycle: str,
    asked: AskedDecision,
    request: Request,
    caller: SignedIn,
    desk: AtDesk,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Decide the round under way; 409 says what happened instead if it is over."""
    body = c.Decide(
        action=asked.action,
        round=asked.round,
        reason=asked.reason,
        return_to=asked.return_to,
        conditions=tuple(one.plain() for one in asked.conditions),
        hold_until=asked.hold_until,
    )
    return await _do(request, cycle, body, caller, desk, idempotency_key, if_match)


@router.post("/cycles/{cycle}/pull-back", **_CHANGES, operation_id="pullBack")
async def pull_back(
    cycle: str, request: Request, caller: SignedIn, desk: AtDesk, asked: AskedReason | None = None,
    idempotency_key: IdempotencyKey = None, if_match: IfMatch = None,
) -> Response:  # fmt: skip
    """引戻し: take a submission back, only while nobody has acted on it."""
    return await _do(request, cycle, c.PullBack(), caller, desk, idempotency_key, if_match)


@router.post("/cycles/{cycle}/withdraw", **_CHANGES, operation_id="withdraw")
async def withdraw(
    cycle: str, asked: AskedReason, request: Request, caller: SignedIn, desk: AtDesk,
    idempotency_key: IdempotencyKey = None, if_match: IfMatch = None,
) -> Response:  # fmt: skip
    """取下げ: end the cycle, its history kept."""
    return await _do(request, cycle, c.Withdraw(reason=asked.reason), caller, desk, idempotency_key, if_match)


@router.post("/cycles/{cycle}/resume", **_CHANGES, operation_id="resume")
async def resume(
    cycle: str, request: Request, caller: SignedIn, desk: AtDesk, asked: AskedReason | None = None,
    idempotency_key: IdempotencyKey = None, if_match: IfMatch = None,
) -> Response:  # fmt: skip
    """End a hold before its date."""
    body = c.Resume(reason=asked.reason if asked else None)
    return await _do(request, cycle, body, caller, desk, idempotency_key, if_match)


@router.post("/cycles/{cycle}/comments", **_CHANGES, operation_id="comment")
async def comment(
    cycle: str, asked: AskedComment, request: Request, caller: SignedIn, desk: AtDesk,
    idempotency_key: IdempotencyKey = None, if_match: IfMatch = None,
) -> Response:  # fmt: skip
    """Say something about the cycle."""
    return await _do(request, cycle, c.Comment(text=asked.text), caller, desk, idempotency_key, if_match)


@router.post("/cycles/{cycle}/conditions/{n}/close", **_CHANGES, operation_id="closeCondition")
async def close_condition(
    cycle: str, n: int, asked: AskedEvidence, request: Request, caller: SignedIn, desk: AtDesk,
    idempotency_key: IdempotencyKey = None, if_match: IfMatch = None,
) -> Response:  # fmt: skip
    """Close a condition of an approval, with evidence."""
    body = c.CloseCondition(n=n, evidence=asked.evidence)
    return await _do(request, cycle, body, caller, desk, idempotency_key, if_match)


@router.get(
    "/cycles/{cycle}/events", response_model=Page[EventView], responses=problems(404), operation_id="getEvents"
)
def events(cycle: str, _caller: SignedIn, desk: AtDesk, limit: Limit = 200, cursor: Cursor = None) -> Response:
    """The journal of this cycle: what happened, by whom, with the chain's hashes."""
    _there(desk, cycle)
    rows = desk.reader.events(cycle, number_of(cursor), limit + 1)
    items = [
        EventView(
            seq=row.seq, at=row.at, actor=row.actor, on_behalf_of=row.on_behalf_of, type=row.type,
            data=json.loads(row.content)["data"], hash=row.hash,
        )
        for row in rows[:limit]
    ]  # fmt: skip
    following = encoded((items[-1].seq,)) if len(rows) > limit else None
    return answer(Page[EventView].model_construct(items=items, next_cursor=following))
