"""The tables that are made from the journal: cycles, their lineage, what waits for whom, and the past.

A projection is a function of a cycle's events and nothing else, so throwing all of them away and making them again
gives the same rows (`spiral rebuild`).
"""

import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, insert, select, update
from sqlmodel import Session, SQLModel, delete

from engine.domain.access.reading import circle_of, named_in
from engine.domain.analytics.results import entry_of, hours_before
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.walk import Passage
from engine.domain.lineage.edges import edges
from engine.store.projections import decisions as traces
from engine.store.projections import history, written
from engine.store.projections.reading_list import reading_rows
from engine.store.tables import CycleParentRow, CycleReaderRow, CycleRow, ReadingRow, WaitingRow

CYCLES: Table = SQLModel.metadata.tables["cycle"]
PARENTS: Table = SQLModel.metadata.tables["cycle_parent"]
WAITING: Table = SQLModel.metadata.tables["waiting"]
READING: Table = SQLModel.metadata.tables["reading"]
READERS: Table = SQLModel.metadata.tables["cycle_reader"]
_STATE = select(CYCLES.c.state).where(CYCLES.c.id == bindparam("cycle"))
_INSERT = insert(CYCLES)
_UPDATE = update(CYCLES).where(CYCLES.c.id == bindparam("cycle"))


class Projected(NamedTuple):
    """A cycle and the columns of its row; none when it is not known what stands in them."""

    state: CycleState
    columns: dict[str, Any]


def projected(session: Session, cycle_id: str) -> Projected | None:
    """The cycle as its row says; None before its first event."""
    found = session.connection().execute(_STATE, {"cycle": cycle_id}).scalar()
    return None if found is None else Projected(CycleState.model_validate_json(found), {})


def project(session: Session, before: Projected | None, passages: Sequence[Passage]) -> Projected:
    """Brings the cycle's rows up to date with `passages`, the way from `before` on, of one event at least.

    Raises:
        LookupError: the row of a cycle that has one is gone.
    """
    known = before.state if before is not None else None
    state, database = passages[-1].after, session.connection()
    history.record(session, passages)
    made = Projected(state, cycle_columns(state))
    if before is None:
        database.execute(_INSERT, made.columns)
    else:
        _update(session, before, made)
    parents = len(parent_rows(known)) if known is not None else 0
    if added := parent_rows(state)[parents:]:  # a parent comes once and stays
        database.execute(insert(PARENTS), added)
    traces.trace(session, passages)
    written.write_down(session, passages)
    for table, rows in ((WAITING, waiting_rows), (READING, reading_rows), (READERS, reader_rows)):
        earlier, now = rows(known) if known is not None else [], rows(state)
        if earlier != now:
            if earlier:
                database.execute(delete(table).where(table.c.cycle_id == state.cycle_id))
            if now:
                database.execute(insert(table), now)
    return made


def _update(session: Session, before: Projected, made: Projected) -> None:
    """Writes the columns that differ, so that no index is touched for nothing."""
    held = before.columns
    changed = {name: value for name, value in made.columns.items() if name not in held or held[name] != value}
    row = session.connection().execute(_UPDATE, {**changed, "cycle": made.state.cycle_id})
    if row.rowcount != 1:
        raise LookupError(f"the row of {made.state.cycle_id} is gone; `spiral rebuild` makes it again")


TABLES: tuple[type[SQLModel], ...] = (
    *traces.TABLES,
    *written.TABLES,
    CycleReaderRow,
    ReadingRow,
    WaitingRow,
    CycleParentRow,
    CycleRow,
)
"""What is made from each cycle's events here, in the order in which it is emptied."""


def empty(session: Session) -> None:
    """Throws every projection away; the journal stays."""
    history.empty(session)
    for table in TABLES:
        session.exec(delete(table))


def cycle_columns(state: CycleState) -> dict[str, Any]:
    """The columns of a cycle's row; verdict and date of its result only once that is approved."""
    entry = entry_of(state)
    return {
        "id": state.cycle_id,
        "initiative_id": state.initiative_id,
        "turn": state.turn,
        "kind": state.kind.value,
        "title": state.title,
        "pillar": state.pillar.value if state.pillar else None,
        "startup": state.startup,
        "governance": state.governance.value,
        "org_scope": state.org_scope.value,
        "org_unit": state.org_unit,
        "work_scope": state.work_scope.value,
        "owner": state.owner,
        "status": state.status.value,
        "step": state.step.value,
        "step_status": state.step_status.value,
        "round": state.round,
        "revision": state.revision,
        "waits_for": state.waits_for,
        "waiting_since": state.clock.since,
        "due_at": state.due_at,
        "hours_saved_per_year": state.effects.hours_saved_per_year,
        "yen_per_year": state.effects.yen_per_year,
        "hourly_rate_yen": state.effects.hourly_rate_yen,
        "realised_at": entry.realised_at,
        "verdict": entry.verdict,
        "adopted_from": state.adopted_from,
        "copied_from": state.copied_from or "",
        "hours_before": hours_before(state),
        "sleeps_until": state.hold.until if state.hold else None,
        "owner_seconds": state.clock.owner_seconds,
        "approver_seconds": state.clock.approver_seconds,
        "held_seconds": state.clock.held_seconds,
        "created_at": state.created_at,
        "updated_at": state.updated_at,
        "circle": circle_of(state).value,
        "search": folded(" ".join((state.title, state.deliverables.imagine.ideal_statement or "", state.cycle_id))),
        "state": state.model_dump_json(by_alias=True),
    }


def waiting_rows(state: CycleState) -> list[dict[str, Any]]:
    """What waits for which post; nothing while a review is held."""
    if state.review is None or state.waits_for != "approver":
        return []
    rows: dict[str, dict[str, Any]] = {}
    for waiting in state.review.open:
        stage = state.review.route.stage(waiting.key)
        for post in state.review.open_posts():
            if state.review.stage_of(post) != stage:
                continue
            rows[str(post)] = {
                "cycle_id": state.cycle_id,
                "post": str(post),
                "owner": state.owner,
                "stage": stage.key,
                "round": state.round,
                "why": "post" if post in stage.posts else "escalation",
                "pull_up": state.review.route.terms.pull_up,
                "since": waiting.opened_at,
                "due_at": waiting.due_at,
            }
    return list(rows.values())


def reader_rows(state: CycleState) -> list[dict[str, Any]]:
    """Whom the cycle names as readers, where not everybody is one."""
    return [{"cycle_id": state.cycle_id, "key": key} for key in sorted(named_in(state))]


def parent_rows(state: CycleState) -> list[dict[str, Any]]:
    """Where the cycle came from, in the order of the events that say so; a sideways copy has no parent."""
    return [
        {"cycle_id": one.child, "parent_id": one.parent, "kind": one.kind.value, "seq": one.seq}
        for one in edges(state)
        if one.kind.is_parent
    ]


def folded(text: str) -> str:
    """Text as it is searched: width and case do not matter."""
    return unicodedata.normalize("NFKC", text).casefold()
