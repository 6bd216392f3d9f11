"""Cycles: reading one, and everything a person can do with it."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from starlette.responses import Response

from api.auth import SignedIn
from api.container import AtDesk
from api.http.paging import Cursor, Limit, Page
from api.http.parameters import CodeAsked, Number, Search
from api.http.responses import IdempotencyKey, IfMatch, answer, command_id, cycle_answer, mark_of, problems
from api.schemas.cycle import CycleView, EventView
from api.schemas.requests import (
    AskedComment,
    AskedDecision,
    AskedEvidence,
    AskedReason,
    AskedRetraction,
    AskedStartup,
    AskedSubmission,
)
from api.schemas.route import RouteView
from api.services.cycles import lists
from api.services.cycles.cycles import changed, not_told, seen_by, state_there, there
from api.services.cycles.drafts import DraftWriter, discard, save
from api.services.cycles.freshness import shown_at
from api.services.cycles.reading import route_of
from engine.contracts.lists import CycleFilter, Lineage
from engine.domain.cycle import commands as c
from engine.domain.roadmap import Pillar
from engine.domain.scope import OrgScope
from engine.domain.steps import CycleStatus, Step

router = APIRouter(tags=["cycles"])
NOT_TOLD = "Spiral-Not-Told"
CHANGES: dict[str, Any] = {"response_model": CycleView, "responses": problems(403, 404, 409, 412, 503)}


class Changing:
    """One command through the only door; FastAPI fills in who asks, for which cycle, under which key."""

    def __init__(
        self,
        cycle: str,
        request: Request,
        caller: SignedIn,
        desk: AtDesk,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> None:
        self.cycle = cycle
        self.desk = desk
        self._request = request
        self.caller = caller
        self.id = command_id(caller, idempotency_key)
        self.seen = mark_of(if_match)

    async def __call__(self, body: Any) -> Response:
        """Gives the command; answers the cycle as it is afterwards."""
        command = c.Command(
            id=self.id, actor=self.caller.id, by_token_of=self.caller.by_token_of,
            if_revision=self.seen.cycle if self.seen else None, body=body,
        )  # fmt: skip
        lineage = await shown_at(
            self.desk.gateway.command(self.cycle, command),
            lambda: changed(self.cycle, self.caller, self.desk),
            lambda one: one.state.revision,
            self.desk.settings.database_patience,
        )
        return await self.answer(lineage)

    async def answer(self, lineage: Lineage) -> Response:
        """The cycle as the caller sees it now."""
        view = await asyncio.to_thread(seen_by, self.caller, lineage, self.desk)
        return cycle_answer(view, self._request)


Change = Annotated[Changing, Depends()]


@router.get("/cycles", response_model=Page[CycleView], responses=problems(), operation_id="listCycles")
def listed(
    caller: SignedIn,
    desk: AtDesk,
    step: Step | None = None,
    status: CycleStatus | None = None,
    org_scope: OrgScope | None = None,
    org_unit: CodeAsked = None,
    pillar: Pillar | None = None,
    startup: CodeAsked = None,
    owner: Annotated[str | None, Query(max_length=64, description="`me` or a person")] = None,
    waiting_for: Annotated[str | None, Query(max_length=64, description="`me` or a person: their inbox")] = None,
    overdue: bool | None = None,
    q: Search = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Cycles, the newest first."""
    wanted = CycleFilter(
        step=step, status=status, org_scope=org_scope, org_unit=org_unit, pillar=pillar, startup=startup, owner=owner,
        q=q,
    )  # fmt: skip
    found = lists.cycles(
        wanted, caller, desk, waiting_for=waiting_for, overdue=bool(overdue), limit=limit, cursor=cursor
    )
    return answer(found)


@router.get("/cycles/{cycle}", response_model=CycleView, responses=problems(404), operation_id="getCycle")
def shown(cycle: str, request: Request, caller: SignedIn, desk: AtDesk) -> Response:
    """One cycle; `ETag` is its revision, and after a point the working copy's while one is kept."""
    return cycle_answer(seen_by(caller, there(cycle, caller, desk), desk), request)


@router.put("/cycles/{cycle}/draft", **CHANGES, operation_id="saveDraft")
async def save_draft(
    change: Change,
    asked: Annotated[dict[str, Any], Body(description="the current step's deliverable; may be incomplete")],
) -> Response:
    """Keep a working copy of the current step in place of the one before. It is no event; `submit` hands it in."""
    writer = DraftWriter(change.caller, change.desk, change.id, change.seen)
    return await change.answer(await asyncio.to_thread(save, change.cycle, asked, writer))


@router.delete(
    "/cycles/{cycle}/draft", status_code=204, response_class=Response, responses=problems(403, 404, 412),
    operation_id="discardDraft",
)  # fmt: skip
def discard_draft(
    cycle: str, caller: SignedIn, desk: AtDesk, if_match: IfMatch = None, step: Step | None = None
) -> Response:
    """Discard the working copy; what was handed in or inherited before shows again. Without one nothing happens.

    `step` means what is left of one that is over; without it the current step is meant.
    """
    discard(cycle, caller, desk, seen=mark_of(if_match), step=step)
    return Response(status_code=204)


@router.post("/cycles/{cycle}/submit", **CHANGES, operation_id="submit")
async def submit(change: Change, asked: AskedSubmission | None = None) -> Response:
    """Hand the current step in; 422 names every field that is missing or wrong."""
    return await change(c.Submit(message=asked.message if asked else None))


@router.get("/cycles/{cycle}/route", response_model=RouteView, responses=problems(404, 409), operation_id="getRoute")
def route(cycle: str, caller: SignedIn, desk: AtDesk) -> Response:
    """Who decides, who is away, who stands in, and by when: before submitting too."""
    state = state_there(cycle, caller, desk)
    return answer(route_of(state, caller, desk))


@router.post("/cycles/{cycle}/decisions", **CHANGES, operation_id="decide")
async def decide(change: Change, asked: AskedDecision) -> Response:
    """Decide the round under way; 409 says what happened instead if it is over."""
    body = c.Decide(
        action=asked.action,
        round=asked.round,
        reason=asked.reason,
        return_to=asked.return_to,
        conditions=tuple(one.plain() for one in asked.conditions),
        hold_until=asked.hold_until,
        pull_up=asked.pull_up,
    )
    return await change(body)


@router.post("/cycles/{cycle}/decisions/retract", **CHANGES, operation_id="retractDecision")
async def retract(change: Change, asked: AskedRetraction) -> Response:
    """決裁の取消し: take your last decision back; 409 says what followed it and whose act that was."""
    return await change(c.Retract(round=asked.round, reason=asked.reason))


@router.post("/cycles/{cycle}/pull-back", **CHANGES, operation_id="pullBack")
async def pull_back(change: Change) -> Response:
    """引戻し: take a submission back, only while nobody has acted on it."""
    return await change(c.PullBack())


@router.post("/cycles/{cycle}/withdraw", **CHANGES, operation_id="withdraw")
async def withdraw(change: Change, asked: AskedReason) -> Response:
    """取下げ: end the cycle, its history kept."""
    return await change(c.Withdraw(reason=asked.reason))


@router.post("/cycles/{cycle}/resume", **CHANGES, operation_id="resume")
async def resume(change: Change, asked: AskedReason | None = None) -> Response:
    """End a hold before its date."""
    return await change(c.Resume(reason=asked.reason if asked else None))


@router.post("/cycles/{cycle}/comments", **CHANGES, operation_id="comment")
async def comment(change: Change, asked: AskedComment) -> Response:
    """Say something about the cycle; `Spiral-Not-Told` names whom it calls and who may not read it."""
    said = await change(c.Comment(text=asked.text))
    if unheard := await asyncio.to_thread(not_told, asked.text, change.cycle, change.caller, change.desk):
        said.headers[NOT_TOLD] = ", ".join(one.person_id for one in unheard)
    return said


@router.post("/cycles/{cycle}/startup", **CHANGES, operation_id="assignStartup")
async def assign_startup(change: Change, asked: AskedStartup) -> Response:
    """Move the cycle to another startup of the edition in force (owner, DX team or administrator)."""
    return await change(c.AssignStartup(startup=asked.startup))


@router.post("/cycles/{cycle}/conditions/{n}/close", **CHANGES, operation_id="closeCondition")
async def close_condition(change: Change, n: Number, asked: AskedEvidence) -> Response:
    """Close a condition of an approval, with evidence."""
    return await change(c.CloseCondition(n=n, evidence=asked.evidence))


@router.get(
    "/cycles/{cycle}/events", response_model=Page[EventView], responses=problems(404), operation_id="getEvents"
)
def events(cycle: str, caller: SignedIn, desk: AtDesk, limit: Limit = 200, cursor: Cursor = None) -> Response:
    """The journal of this cycle: what happened, by whom, with the chain's hashes."""
    return answer(lists.events(cycle, caller, desk, limit=limit, cursor=cursor))
