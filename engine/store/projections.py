"""The tables that are made from the journal: cycles, their lineage, what waits for whom, and the past.

A projection is a function of a cycle's events and nothing else, so throwing all of them away and making them again
gives the same rows (`spiral rebuild`).
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, delete

from engine.domain.events import Event
from engine.domain.lineage import edges
from engine.domain.results import entry_of
from engine.domain.state import CycleState
from engine.store import history, traces
from engine.store.readings import reading_rows
from engine.store.tables import CycleParentRow, CycleRow, ReadingRow, WaitingRow


def project(session: Session, cycle_id: str, events: tuple[Event, ...]) -> CycleState:
    """Brings the cycle's rows up to date with `events`, which follow on what the rows say."""
    row = session.get(CycleRow, cycle_id)
    before = CycleState.model_validate_json(row.state) if row is not None else None
    state = history.record(session, before, events)
    fresh = cycle_row(state)
    if row is None:
        session.add(fresh)
    else:
        for name in CycleRow.model_fields:
            setattr(row, name, getattr(fresh, name))
    known = parent_rows(before) if before is not None else []
    session.add_all(parent_rows(state)[len(known) :])  # a parent comes once and stays
    traces.trace(session, before, state, events)
    if before is None or waiting_rows(before) != waiting_rows(state):
        session.exec(delete(WaitingRow).where(col(WaitingRow.cycle_id) == cycle_id))
        session.add_all(waiting_rows(state))
    if before is None or reading_rows(before) != reading_rows(state):
        session.exec(delete(ReadingRow).where(col(ReadingRow.cycle_id) == cycle_id))
        session.add_all(reading_rows(state))
    session.flush()
    return state


def state_in(session: Session, cycle_id: str) -> CycleState | None:
    """The cycle as its row says; None before its first event."""
    row = session.get(CycleRow, cycle_id)
    return CycleState.model_validate_json(row.state) if row is not None else None


def empty(session: Session) -> None:
    """Throws every projection away; the journal stays."""
    history.empty(session)
    for table in (*traces.TABLES, ReadingRow, WaitingRow, CycleParentRow, CycleRow):
        session.exec(delete(table))


def cycle_row(state: CycleState) -> CycleRow:
    """The row of a cycle; verdict and date of its result only once that is approved."""
    entry = entry_of(state)
    return CycleRow(
        id=state.cycle_id,
        initiative_id=state.initiative_id,
        turn=state.turn,
        kind=state.kind.value,
        title=state.title,
        pillar=state.pillar.value if state.pillar else None,
        startup=state.startup,
        governance=state.governance.value,
        org_scope=state.org_scope.value,
        org_unit=state.org_unit,
        work_scope=state.work_scope.value,
        owner=state.owner,
        status=state.status.value,
        step=state.step.value,
        step_status=state.step_status.value,
        round=state.round,
        revision=state.revision,
        waits_for=state.waits_for,
        waiting_since=state.clock.since,
        due_at=due_at(state),
        hours_saved_per_year=state.effects.hours_saved_per_year,
        yen_per_year=state.effects.yen_per_year,
        hourly_rate_yen=state.effects.hourly_rate_yen,
        realised_at=entry.realised_at,
        verdict=entry.verdict,
        adopted_from=state.adopted_from,
        owner_seconds=state.clock.owner_seconds,
        approver_seconds=state.clock.approver_seconds,
        held_seconds=state.clock.held_seconds,
        created_at=state.created_at,
        updated_at=state.updated_at,
        search=folded(" ".join((state.title, state.deliverables.imagine.ideal_statement or "", state.cycle_id))),
        state=state.model_dump_json(by_alias=True),
    )


def waiting_rows(state: CycleState) -> list[WaitingRow]:
    """What waits for which post; nothing while a review is held."""
    if state.review is None or state.waits_for != "approver":
        return []
    rows: dict[str, WaitingRow] = {}
    for waiting in state.review.open:
        stage = state.review.route.stage(waiting.key)
        for post in state.review.open_posts():
            if state.review.stage_of(post) != stage:
                continue
            rows[str(post)] = WaitingRow(
                cycle_id=state.cycle_id,
                post=str(post),
                owner=state.owner,
                stage=stage.key,
                round=state.round,
                why="post" if post in stage.posts else "escalation",
                pull_up=state.review.route.terms.pull_up,
                since=waiting.opened_at,
                due_at=waiting.due_at,
            )
    return list(rows.values())


def parent_rows(state: CycleState) -> list[CycleParentRow]:
    """Where the cycle came from, in the order of the events that say so; a sideways copy has no parent."""
    return [
        CycleParentRow(cycle_id=one.child, parent_id=one.parent, kind=one.kind.value, seq=one.seq)
        for one in edges(state)
        if one.kind.is_parent
    ]


def due_at(state: CycleState) -> datetime | None:
    """When the review is due: the earliest of its open stages; None while the owner has it."""
    if state.review is None or state.waits_for != "approver":
        return None
    return min((stage.due_at for stage in state.review.open), default=None)


def folded(text: str) -> str:
    """Text as it is searched: width and case do not matter."""
    return unicodedata.normalize("NFKC", text).casefold()


def rebuilt(states: Iterable[CycleState]) -> Iterable[CycleRow | CycleParentRow | WaitingRow | ReadingRow]:
    """Every row that these states amount to."""
    for state in states:
        yield cycle_row(state)
        yield from parent_rows(state)
        yield from waiting_rows(state)
        yield from reading_rows(state)
