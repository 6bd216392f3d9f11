"""Moves beside the route: ask and answer, read what circulates (供覧), read afterwards (後閲), say who may read."""

from fastapi import APIRouter
from starlette.responses import Response

from api.http.parameters import Number
from api.routes.cycles.cycles import CHANGES, Change
from api.schemas.requests import AskedPostReview, AskedQuestion, AskedVisibility
from engine.domain.cycle import commands as c
from engine.domain.cycle.visibility import SetVisibility

router = APIRouter(tags=["cycles"])


@router.post("/cycles/{cycle}/questions", **CHANGES, operation_id="askQuestion")
async def ask(change: Change, asked: AskedQuestion) -> Response:
    """Ask the owner something without returning it; whoever may decide now. The due time stays."""
    return await change(c.Ask(text=asked.text))


@router.post("/cycles/{cycle}/questions/{n}/answer", **CHANGES, operation_id="answerQuestion")
async def answer_question(change: Change, n: Number, asked: AskedQuestion) -> Response:
    """The owner's answer."""
    return await change(c.AnswerQuestion(n=n, text=asked.text))


@router.post("/cycles/{cycle}/circulation/read", **CHANGES, operation_id="acknowledgeCirculation")
async def acknowledge(change: Change) -> Response:
    """閲覧確認: read, for the posts you read for; also after the cycle has ended."""
    return await change(c.Acknowledge())


@router.post("/cycles/{cycle}/post-reviews/{n}/read", **CHANGES, operation_id="postReview")
async def post_review(change: Change, n: Number, asked: AskedPostReview | None = None) -> Response:
    """後閲: read what was decided without you; a comment is kept, nothing undone. Also after the end."""
    return await change(c.ReadAfterwards(n=n, text=asked.text if asked else None))


@router.put("/cycles/{cycle}/visibility", **CHANGES, operation_id="setVisibility")
async def set_visibility(change: Change, asked: AskedVisibility) -> Response:
    """Say who may read the cycle (owner, or the head of the owner's unit); at once, also after the end."""
    return await change(SetVisibility(level=asked.level, readers=asked.readers, reason=asked.reason))
