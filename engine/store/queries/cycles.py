"""What lists and dashboards read: SQL only, never the engine. Keyset paging, newest first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Engine, exists, not_, or_
from sqlalchemy import select as choose
from sqlalchemy.sql.util import ClauseAdapter
from sqlmodel import Session, and_, col, func, select

from engine.contracts.lists import CycleFilter, CycleHeading, CycleKey, InitiativeCycles, Lineage
from engine.domain.access.reading import Circle, Clearance, as_seen, copy_for, may_read, reads_drafts
from engine.domain.analytics.query import OPEN
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.working_copy import WorkingCopy, is_settled
from engine.store.database import reading
from engine.store.directory.working_copies import kept_copies
from engine.store.projections.cycles import CYCLES, folded
from engine.store.projections.history import CycleHistoryRow
from engine.store.readable import readable, readable_ids
from engine.store.tables import AbsenceRow, CycleParentRow, CycleRow, DecisionRow, DocumentRow, JournalRow

MANY = 400
"""Ids asked about at once: both databases limit how many a query may name."""
_NEWEST = (col(CycleRow.created_at).desc(), col(CycleRow.id).desc())
_HEADING = (
    CYCLES.c.id.label("cycle_id"),
    *(CYCLES.c[name] for name in CycleHeading.model_fields if name != "cycle_id"),
)


class Reader:
    """Reads the tables; what is being written is in its step's place for who may read that.

    Args:
        copies: whether working copies are shown; not in what leaves as a file.
    """

    def __init__(self, engine: Engine, *, copies: bool = True) -> None:
        self._engine = engine
        self._copies = copies

    def on_record(self) -> "Reader":
        """The same of what is on record alone, without what is being written."""
        return Reader(self._engine, copies=False)

    def cycle(self, cycle_id: str, clearance: Clearance) -> Lineage | None:
        """One cycle; None when it is not there for who asks."""
        with reading(self._engine) as session:
            row = session.get(CycleRow, cycle_id)
            if row is None or not may_read(clearance, state := CycleState.model_validate_json(row.state)):
                return None
            children = _children(session, [cycle_id], clearance)[cycle_id]
            return _lineage(clearance, state, children, self._kept(session, clearance, [state]))

    def state(self, cycle_id: str, clearance: Clearance) -> CycleState | None:
        """One cycle without what grew out of it; None when it is not there for who asks."""
        with reading(self._engine) as session:
            found = session.exec(select(CycleRow.state).where(CycleRow.id == cycle_id)).first()
            if found is None or not may_read(clearance, state := CycleState.model_validate_json(found)):
                return None
            return as_seen(clearance, state, self._kept(session, clearance, [state]).get(cycle_id))

    def readable(self, cycle_ids: Iterable[str], clearance: Clearance) -> frozenset[str]:
        """Those of some cycles that are there for who asks."""
        wanted = sorted(set(cycle_ids))
        with reading(self._engine) as session:
            found: set[str] = set()
            for start in range(0, len(wanted), MANY):
                found |= readable_ids(session, clearance, wanted[start : start + MANY])
        return frozenset(found)

    def hidden_reasons(self, clearance: Clearance) -> frozenset[str]:
        """The words of returns in cycles that were handed in and are not there for who asks."""
        query = (
            select(DecisionRow.reason)
            .join(CycleRow, col(CycleRow.id) == col(DecisionRow.cycle_id))
            .where(col(CycleRow.circle) != Circle.EVERYBODY, DecisionRow.action == "return")
        )
        with reading(self._engine) as session:
            found = session.exec(query.where(not_(readable(clearance)))).all()
        return frozenset(one.strip() for one in found if one)

    def hidden_groups(self, clearance: Clearance) -> frozenset[str]:
        """The words for people left behind that stand only in cycles which are not there for who asks."""
        named = col(CycleHistoryRow.left_behind)
        query = select(named).join(CycleRow, col(CycleRow.id) == col(CycleHistoryRow.cycle_id))
        query = query.where(named.is_not(None)).distinct()
        with reading(self._engine) as session:
            condition = readable(clearance)
            hidden = session.exec(query.where(col(CycleRow.circle) != Circle.EVERYBODY, not_(condition))).all()
            if not hidden:
                return frozenset()
            shown = session.exec(query.where(condition)).all()
        words, open_words = ({one for text in texts for one in (text or "").split("\n")} for texts in (hidden, shown))
        return frozenset(words - open_words)

    def readable_initiatives(self, initiatives: Iterable[str], clearance: Clearance) -> frozenset[str]:
        """Those of some initiatives of which a cycle is there for who asks."""
        wanted = sorted(set(initiatives))
        with reading(self._engine) as session:
            condition, found = readable(clearance), set[str]()
            for start in range(0, len(wanted), MANY):
                inside = col(CycleRow.initiative_id).in_(wanted[start : start + MANY])
                found |= set(session.exec(select(CycleRow.initiative_id).where(inside, condition).distinct()).all())
        return frozenset(found)

    def cycles(
        self, wanted: CycleFilter, limit: int, clearance: Clearance, after: CycleKey | None = None
    ) -> list[Lineage]:
        """Up to `limit` cycles, newest first, those beyond `after` only."""
        query = select(CycleRow).where(*_beyond(wanted, after), readable(clearance))
        with reading(self._engine) as session:
            return self._lineages(session, session.exec(query.order_by(*_NEWEST).limit(limit)).all(), clearance)

    def begun(
        self, wanted: CycleFilter, limit: int, clearance: Clearance, after: CycleKey | None = None
    ) -> list[tuple[str, CycleKey]]:
        """Up to `limit` initiatives, newest first, with the key of the first cycle of each that may be read.

        What is wanted is asked of that cycle; columns only, never a whole state.
        """
        condition = readable(clearance)
        query = select(CycleRow.initiative_id, CycleRow.created_at, CycleRow.id).where(
            *_beyond(wanted, after), condition, _is_first_of_its_initiative(condition)
        )
        with reading(self._engine) as session:
            rows = session.exec(query.order_by(*_NEWEST).limit(limit)).all()
        return [(initiative, (created_at, name)) for initiative, created_at, name in rows]

    def initiatives(self, initiative_ids: Iterable[str], clearance: Clearance) -> dict[str, InitiativeCycles]:
        """Spirals, each with its cycles in the order they began."""
        wanted = list(initiative_ids)
        query = (
            select(CycleRow)
            .where(col(CycleRow.initiative_id).in_(wanted))
            .order_by(col(CycleRow.turn), col(CycleRow.created_at), col(CycleRow.id))
        )
        every = select(CycleRow.id, CycleRow.initiative_id).where(col(CycleRow.initiative_id).in_(wanted))
        with reading(self._engine) as session:
            rows = session.exec(query.where(readable(clearance))).all()
            found: dict[str, list[Lineage]] = {one: [] for one in wanted}
            for lineage in self._lineages(session, rows, clearance):
                found[lineage.state.initiative_id].append(lineage)
            shown, hidden = {row.id for row in rows}, defaultdict[str, list[str]](list)
            for cycle, initiative in session.exec(every).all():
                if cycle not in shown:
                    hidden[initiative].append(cycle)
        return {one: InitiativeCycles(lineages=tuple(found[one]), hidden=tuple(hidden[one])) for one in wanted}

    def headings(self, cycle_ids: Iterable[str], clearance: Clearance) -> list[CycleHeading]:
        """What is said of several cycles, in the order in which they began: columns only, never a whole state.

        Those that are not there for who asks are left out.
        """
        wanted = sorted(set(cycle_ids))
        if not wanted:
            return []
        with reading(self._engine) as session:
            condition = readable(clearance)
            found = [
                CycleHeading.model_validate(row._asdict())
                for start in range(0, len(wanted), MANY)
                for row in session.connection().execute(
                    choose(*_HEADING).where(CYCLES.c.id.in_(wanted[start : start + MANY]), condition)
                )
            ]
        return sorted(found, key=lambda one: (one.created_at, one.turn, one.cycle_id))

    def events(self, cycle_id: str, after: int, limit: int) -> Sequence[JournalRow]:
        """The journal of one cycle beyond seq `after`."""
        query = (
            select(JournalRow)
            .where(JournalRow.cycle_id == cycle_id, JournalRow.seq > after)
            .order_by(col(JournalRow.seq))
            .limit(limit)
        )
        with reading(self._engine) as session:
            return session.exec(query).all()

    def position(self) -> int:
        """Where the journal ends."""
        with reading(self._engine) as session:
            return session.exec(select(func.max(JournalRow.position))).one() or 0

    def following(self, position: int, limit: int) -> Sequence[JournalRow]:
        """The journal of all cycles beyond `position`, in the order of commit."""
        query = (
            select(JournalRow)
            .where(col(JournalRow.position) > position)
            .order_by(col(JournalRow.position))
            .limit(limit)
        )
        with reading(self._engine) as session:
            return session.exec(query).all()

    def absences(self, person_id: str | None) -> Sequence[AbsenceRow]:
        """Absences of one person, or of everybody."""
        query = select(AbsenceRow).order_by(col(AbsenceRow.first), col(AbsenceRow.id))
        if person_id is not None:
            query = query.where(AbsenceRow.person_id == person_id)
        with reading(self._engine) as session:
            return session.exec(query).all()

    def documents(self, kind: str) -> Sequence[DocumentRow]:
        """Every document of a kind, newest first."""
        query = select(DocumentRow).where(DocumentRow.kind == kind).order_by(col(DocumentRow.number).desc())
        with reading(self._engine) as session:
            return session.exec(query).all()

    def counts(self) -> dict[tuple[str, str], int]:
        """How many cycles stand where: by status and step."""
        query = select(CycleRow.status, CycleRow.step, func.count()).group_by(CycleRow.status, CycleRow.step)
        with reading(self._engine) as session:
            return {(status, step): count for status, step, count in session.exec(query).all()}

    def desk(self, owner: str) -> dict[tuple[str, str], int]:
        """How many cycles an owner has: by whom they wait for, and status."""
        query = select(CycleRow.waits_for, CycleRow.status, func.count()).where(CycleRow.owner == owner)
        with reading(self._engine) as session:
            rows = session.exec(query.group_by(CycleRow.waits_for, CycleRow.status)).all()
            return {(waits_for, status): count for waits_for, status, count in rows}

    def _lineages(self, session: Session, rows: Sequence[CycleRow], clearance: Clearance) -> list[Lineage]:
        children = _children(session, [row.id for row in rows], clearance)
        states = [CycleState.model_validate_json(row.state) for row in rows]
        copies = self._kept(session, clearance, states)
        return [_lineage(clearance, state, children[state.cycle_id], copies) for state in states]

    def _kept(
        self, session: Session, clearance: Clearance, states: Iterable[CycleState]
    ) -> Mapping[str, WorkingCopy]:
        """The working copies that who asks may read, by cycle; the application itself never asks."""
        if clearance.everything or not self._copies:
            return {}
        written = (one for one in states if not is_settled(one) and reads_drafts(clearance, one))
        return kept_copies(session, {one.cycle_id: one.step for one in written})


def _beyond(wanted: CycleFilter, after: CycleKey | None) -> Iterable[ColumnElement[bool]]:
    """What is wanted, of those that stand beyond a key in a list with the newest first."""
    plain: dict[str, Any] = wanted.model_dump(
        exclude={"waits_for", "is_open", "overdue_at", "q", "ids"}, exclude_none=True
    )
    if after is not None:
        began, cycle = col(CycleRow.created_at), col(CycleRow.id)
        yield or_(began < after[0], and_(began == after[0], cycle < after[1]))
    for name, value in plain.items():
        yield getattr(CycleRow, name) == value
    if wanted.waits_for is not None:
        yield col(CycleRow.waits_for).in_(wanted.waits_for)
    if wanted.is_open is not None:
        yield col(CycleRow.status).in_(OPEN) if wanted.is_open else col(CycleRow.status).not_in(OPEN)
    if wanted.overdue_at is not None:
        yield and_(col(CycleRow.due_at).is_not(None), col(CycleRow.due_at) < wanted.overdue_at)
    if wanted.ids is not None:
        yield col(CycleRow.id).in_(wanted.ids)
    for word in folded(wanted.q or "").split():
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        yield col(CycleRow.search).like(f"%{escaped}%", escape="\\")


def _is_first_of_its_initiative(readable_too: ColumnElement[bool]) -> ColumnElement[bool]:
    """That no cycle of the same initiative began before it among those of which the condition holds too."""
    other = CycleRow.metadata.tables["cycle"].alias("earlier")
    turn, name = col(CycleRow.turn), col(CycleRow.id)
    earlier = or_(other.c.turn < turn, and_(other.c.turn == turn, other.c.id < name))
    same = other.c.initiative_id == col(CycleRow.initiative_id)
    return not_(exists().where(same, earlier, ClauseAdapter(other).traverse(readable_too)))


def _lineage(
    clearance: Clearance, state: CycleState, children: tuple[str, ...], copies: Mapping[str, WorkingCopy]
) -> Lineage:
    copy = copies.get(state.cycle_id)
    seen = as_seen(clearance, state, copy)
    return Lineage(state=seen, children=children, working_copy=copy_for(clearance, state, copy))


def _children(session: Session, cycles: Sequence[str], clearance: Clearance) -> dict[str, tuple[str, ...]]:
    """What grew out of each cycle, as far as it is there for who asks."""
    edges = select(CycleParentRow.parent_id, CycleParentRow.cycle_id).where(col(CycleParentRow.parent_id).in_(cycles))
    found = session.exec(edges).all()
    there = readable_ids(session, clearance, (child for _, child in found)) if found else frozenset()
    return {
        cycle: tuple(sorted(child for parent, child in found if parent == cycle and child in there))
        for cycle in cycles
    }
