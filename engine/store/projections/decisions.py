"""The tables made from what people did: who decided what and how long it had waited, and which files a cycle holds.

Like `projections`: a function of a cycle's events and nothing else.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, bindparam, insert, update
from sqlmodel import Session, SQLModel, col, delete

from engine.domain.cycle.events import DecisionRetracted, Event
from engine.domain.cycle.state import CycleState, Decision
from engine.domain.cycle.walk import Passage
from engine.domain.review.due_times import opened
from engine.domain.review.review import Action, Review
from engine.store.tables import AttachmentRow, DecisionRow

TABLES = (DecisionRow, AttachmentRow)
DECISIONS: Table = SQLModel.metadata.tables["decision"]
ATTACHMENTS: Table = SQLModel.metadata.tables["attachment"]
_TAKE_BACK = (
    update(DECISIONS)
    .where(DECISIONS.c.cycle_id == bindparam("cycle"), DECISIONS.c.seq == bindparam("decided"))
    .values(retracted_at=bindparam("moment"))
)


def trace(session: Session, passages: Sequence[Passage]) -> None:
    """Brings these tables up to date with what these passages did."""
    before, after, database = passages[0].before, passages[-1].after, session.connection()
    if before is None or before.decisions != after.decisions or before.retracted != after.retracted:
        if decided := rows(passages):
            database.execute(insert(DECISIONS), decided)
        for _, event, _ in passages:
            if before is not None and isinstance(event.data, DecisionRetracted):
                earlier = {"cycle": after.cycle_id, "decided": event.data.decided, "moment": event.at}
                database.execute(_TAKE_BACK, earlier)
    if before is None or before.attachments != after.attachments:
        if before is not None:
            session.exec(delete(AttachmentRow).where(col(AttachmentRow.cycle_id) == after.cycle_id))
        if held := attachment_rows(after):
            database.execute(insert(ATTACHMENTS), held)


def rows(passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """One row for each decision on the way."""
    taken_back = {
        one.event.data.decided: one.event.at for one in passages if isinstance(one.event.data, DecisionRetracted)
    }
    return [
        _row(before, event, decision) | {"retracted_at": taken_back.get(event.seq)}
        for before, event, after in passages
        if before is not None
        for decision in after.decisions[len(before.decisions) :]
    ]


def attachment_rows(state: CycleState) -> list[dict[str, Any]]:
    """The files whose content a cycle needs."""
    return [
        {"cycle_id": state.cycle_id, "n": one.n, "sha256": one.sha256, "size": one.size}
        for one in state.attachments
        if one.held
    ]


def _row(before: CycleState, event: Event, decision: Decision) -> dict[str, Any]:
    stage = before.review.stage_of(decision.post) if before.review else None
    own = stage is None or decision.post in stage.posts
    waited = _waited(before.review, event, decision) if before.review else None
    return {
        "cycle_id": before.cycle_id,
        "seq": event.seq,
        "step": decision.step.value,
        "round": decision.round,
        "action": decision.action.value,
        "person": decision.by,
        "on_behalf_of": decision.on_behalf_of,
        "post": str(decision.post),
        "acted_as": decision.acted_as or ("proxy" if decision.on_behalf_of else "post" if own else "escalation"),
        "reason": decision.reason,
        "at": decision.at,
        "waited_post": waited[0] if waited else None,
        "waited_seconds": waited[1] if waited else None,
    }


def _waited(review: Review, event: Event, decision: Decision) -> tuple[str, float] | None:
    """The post that was waited for, and the seconds, holds left out; None when it is not over with this."""
    stage = review.stage_of(decision.post)
    waiting = next((one for one in review.open if stage is not None and one.key == stage.key), None)
    if stage is None or waiting is None or decision.action is Action.HOLD:
        return None
    voted = {vote.post for vote in review.votes if vote.stage == stage.key}
    left = [post for post in stage.posts if post not in voted]
    post = decision.post if decision.post in left or not left else left[0]
    held = waiting.due_at - opened(stage, review.route, waiting.opened_at).due_at  # a hold moves the due time
    return str(post), max((event.at - waiting.opened_at - held).total_seconds(), 0.0)
