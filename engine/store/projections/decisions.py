"""The tables made from what people did: who decided what and how long it had waited, and which files a cycle holds.

Like `projections`: a function of a cycle's events and nothing else.
"""

from collections.abc import Iterator

from sqlmodel import Session, col, delete

from engine.domain.cycle.events import DecisionRetracted, Event
from engine.domain.cycle.evolve import evolve
from engine.domain.cycle.state import CycleState, Decision
from engine.domain.review.due_times import opened
from engine.domain.review.review import Action, Review
from engine.store.tables import AttachmentRow, DecisionRow

TABLES = (DecisionRow, AttachmentRow)


def trace(session: Session, before: CycleState | None, after: CycleState, events: tuple[Event, ...]) -> None:
    """Brings these tables up to date with `events`, which led from `before` to `after`."""
    if before is None or before.decisions != after.decisions or before.retracted != after.retracted:
        session.add_all(rows(before, events))
        for event in events:
            if before is not None and isinstance(event.data, DecisionRetracted):
                session.flush()
                earlier = session.get(DecisionRow, (after.cycle_id, event.data.decided))
                if earlier is not None:
                    earlier.retracted_at = event.at
    if before is None or before.attachments != after.attachments:
        if before is not None:
            session.exec(delete(AttachmentRow).where(col(AttachmentRow.cycle_id) == after.cycle_id))
        session.add_all(attachment_rows(after))


def rows(state: CycleState | None, events: tuple[Event, ...]) -> Iterator[DecisionRow]:
    """One row for each decision among `events`, which follow on `state`."""
    taken_back = {one.data.decided: one.at for one in events if isinstance(one.data, DecisionRetracted)}
    for event in events:
        following = evolve(state, event)
        if state is not None:
            for decision in following.decisions[len(state.decisions) :]:
                row = _row(state, event, decision)
                row.retracted_at = taken_back.get(event.seq)
                yield row
        state = following


def attachment_rows(state: CycleState) -> list[AttachmentRow]:
    """The files whose content a cycle needs."""
    return [
        AttachmentRow(cycle_id=state.cycle_id, n=one.n, sha256=one.sha256, size=one.size)
        for one in state.attachments
        if one.held
    ]


def _row(before: CycleState, event: Event, decision: Decision) -> DecisionRow:
    stage = before.review.stage_of(decision.post) if before.review else None
    own = stage is None or decision.post in stage.posts
    waited = _waited(before.review, event, decision) if before.review else None
    return DecisionRow(
        cycle_id=before.cycle_id,
        seq=event.seq,
        step=decision.step.value,
        round=decision.round,
        action=decision.action.value,
        person=decision.by,
        on_behalf_of=decision.on_behalf_of,
        post=str(decision.post),
        acted_as=decision.acted_as or ("proxy" if decision.on_behalf_of else "post" if own else "escalation"),
        reason=decision.reason,
        at=decision.at,
        waited_post=waited[0] if waited else None,
        waited_seconds=waited[1] if waited else None,
    )


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
