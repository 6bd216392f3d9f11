"""What lies with somebody beside the decisions: to read afterwards, to read only, to answer, to chase.

A projection like the others: `reading_rows` says what a state amounts to. Whose post it is, is asked on the day.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, or_
from sqlmodel import col, select

from engine.contracts.lists import ToRead
from engine.domain.access.reading import clearance_of
from engine.domain.cycle.state import CycleState
from engine.domain.organisation.organisation import PostRef
from engine.domain.review.authority import reads_for
from engine.domain.review.facts import Facts
from engine.domain.steps import Step
from engine.store.database import reading
from engine.store.readable import readable
from engine.store.tables import CycleRow, ReadingRow


def reading_rows(state: CycleState) -> list[dict[str, Any]]:
    """Everything unread of a cycle; what concerns a review ends with it, reading does not end with the cycle."""
    asides, review = state.asides, state.review
    rows = [
        _row(state, f"post_review/{one.n}", "post_review", one.step, one.round, one.since, person=one.person, n=one.n)
        for one in asides.post_reviews
        if one.is_due
    ]
    rows += [
        _row(
            state, f"circulation/{one.step.value}/{one.post}", "circulation", one.step, one.round, one.since, one.post
        )
        for one in asides.circulation
        if one.read_at is None
    ]
    if review is None or not state.status.is_open:
        return rows
    rows += [
        _row(state, f"question/{one.n}", "question", one.step, one.round, one.asked_at, person=state.owner, n=one.n)
        for one in asides.questions
        if one.answered_at is None and one.round == state.round
    ]
    rows += [
        _row(state, f"stuck/{one.key}", "stuck", state.step, state.round, one.opened_at, last)
        for one in review.open
        if one.escalated_last and (last := review.route.stage(one.key).escalate_last_to) is not None
    ]
    return rows


def to_read(engine: Engine, person: str, facts: Facts) -> list[ToRead]:
    """What lies with a person today, the oldest first; nothing of a cycle that they may not read."""
    with reading(engine) as session:
        posts = session.exec(select(ReadingRow.post).where(col(ReadingRow.post).is_not(None)).distinct()).all()
        parsed = [PostRef.parse(post) for post in posts if post is not None]
        mine = [str(post) for post in reads_for(person, parsed, facts.organisation, facts.today)]
        rows = session.exec(
            select(ReadingRow, CycleRow.title, CycleRow.owner)
            .join(CycleRow, col(CycleRow.id) == col(ReadingRow.cycle_id))
            .where(or_(col(ReadingRow.person) == person, col(ReadingRow.post).in_(mine)))
            .where(readable(clearance_of(person, facts)))
            .order_by(col(ReadingRow.since), col(ReadingRow.cycle_id), col(ReadingRow.key))
        ).all()
    return [
        ToRead(**row.model_dump(exclude={"key", "person", "post"}), title=title, owner=owner)
        for row, title, owner in rows
    ]


def _row(  # noqa: PLR0913, PLR0917 - the columns
    state: CycleState,
    key: str,
    why: str,
    step: Step,
    number: int,
    since: datetime,
    post: PostRef | None = None,
    person: str | None = None,
    n: int | None = None,
) -> dict[str, Any]:
    return {
        "cycle_id": state.cycle_id,
        "key": key,
        "person": person,
        "post": str(post) if post else None,
        "why": why,
        "n": n,
        "step": step.value,
        "round": number,
        "since": since,
    }
