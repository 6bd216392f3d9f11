"""The past of every cycle as rows (`engine.domain.analytics.history`): written with the journal, read as of any date.

A moment holds from `since` until just before `until`; the one that holds now has none. Like every projection, the
rows are a function of the cycle's events.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Column, ColumnElement, Index, Table, Text, and_, bindparam, delete, insert, or_, select, update
from sqlmodel import Field, Session, SQLModel

from engine.domain.analytics.acts import DECIDED
from engine.domain.analytics.history import Bond, Chronicle, Moment, bonds_of, chronicle_of
from engine.domain.cycle.walk import Passage
from engine.store.database import UtcDateTime


def _instant(*, nullable: bool = False, primary_key: bool = False) -> Any:
    given: dict[str, Any] = {"default": None} if nullable else {}
    return Field(sa_type=UtcDateTime, nullable=nullable, primary_key=primary_key, **given)


class CycleHistoryRow(SQLModel, table=True):
    """See `engine.domain.analytics.history.Moment`."""

    __tablename__: ClassVar[str] = "cycle_history"
    __table_args__ = (Index("ix_cycle_history_until", "until", "since"),)

    cycle_id: str = Field(primary_key=True)
    since: datetime = _instant(primary_key=True)
    until: datetime | None = _instant(nullable=True)
    initiative_id: str
    turn: int
    kind: str
    title: str
    pillar: str | None = None
    startup: str | None = None
    org_scope: str
    org_unit: str
    work_scope: str
    owner: str
    status: str
    step: str
    step_status: str
    steps_passed: int
    waits_for: str
    waiting_since: datetime = _instant()
    posts: str
    due_at: datetime | None = _instant(nullable=True)
    created_at: datetime = _instant()
    hours_saved_per_year: float | None = None
    yen_per_year: float | None = None
    measured_at: datetime | None = _instant(nullable=True)
    baseline_measured: bool | None = None
    offline_route: bool | None = None
    left_behind: str | None = Field(default=None, sa_column=Column(Text))
    cost_initial_yen: float | None = None
    cost_running_yen: float | None = None
    effort_hours: float | None = None
    verdict: str | None = None
    offline_users: int | None = None
    citizen_score: float | None = None
    public_level: str | None = None
    imagine_owner_seconds: float | None = None
    imagine_approver_seconds: float | None = None
    transform_owner_seconds: float | None = None
    transform_approver_seconds: float | None = None
    realise_owner_seconds: float | None = None
    realise_approver_seconds: float | None = None
    share_owner_seconds: float | None = None
    share_approver_seconds: float | None = None


class CycleActRow(SQLModel, table=True):
    """See `engine.domain.analytics.acts.Act`."""

    __tablename__: ClassVar[str] = "cycle_act"
    __table_args__ = (Index("ix_cycle_act_kind", "kind", "at"),)

    cycle_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = _instant()
    kind: str
    step: str
    round: int
    post: str | None = None
    person: str
    on_behalf_of: str | None = None
    why: str | None = None
    waited_seconds: float | None = None
    reason: str | None = Field(default=None, sa_column=Column(Text))
    first: bool | None = None
    retracted_at: datetime | None = _instant(nullable=True)


class CycleConditionRow(SQLModel, table=True):
    """See `engine.domain.analytics.history.Bond`."""

    __tablename__: ClassVar[str] = "cycle_condition"

    cycle_id: str = Field(primary_key=True)
    n: int = Field(primary_key=True)
    text: str = Field(sa_column=Column(Text, nullable=False))
    owner: str
    due: date
    step: str
    set_at: datetime = _instant()
    closed_at: datetime | None = _instant(nullable=True)


class ProjectedRow(SQLModel, table=True):
    """By which version of the code the projections were made; see `engine.store.record.upgrade`."""

    __tablename__: ClassVar[str] = "projected"

    name: str = Field(primary_key=True)
    version: int


HISTORY: Table = SQLModel.metadata.tables["cycle_history"]
ACTS: Table = SQLModel.metadata.tables["cycle_act"]
CONDITIONS: Table = SQLModel.metadata.tables["cycle_condition"]
TABLES = (HISTORY, ACTS, CONDITIONS)
_MOMENT = bindparam("moment", type_=UtcDateTime())
_MINE = HISTORY.c.cycle_id == bindparam("cycle")
_FORGET = delete(HISTORY).where(_MINE, HISTORY.c.since >= _MOMENT)
_END = update(HISTORY).where(_MINE, or_(HISTORY.c.until.is_(None), HISTORY.c.until > _MOMENT)).values(until=_MOMENT)
_BEGIN, _ACT = insert(HISTORY), insert(ACTS)
_RETRACT = (
    update(ACTS)
    .where(
        ACTS.c.cycle_id == bindparam("cycle"),
        ACTS.c.seq >= bindparam("from_seq"),
        ACTS.c.kind.in_(DECIDED),
        ACTS.c.retracted_at.is_(None),
    )
    .values(retracted_at=_MOMENT)
)


def record(session: Session, passages: Sequence[Passage]) -> None:
    """Adds what these passages bring to the past of the cycle, whose rows so far end before them."""
    added, before = chronicle_of(passages), passages[0].before
    here, database = added.state.cycle_id, session.connection()
    if added.moments:
        first = added.moments[0].since
        if before is not None:
            here_and_then = {"cycle": here, "moment": first}
            if before.updated_at >= first:  # of one instant, or a clock set back: the last one counts
                database.execute(_FORGET, here_and_then)
            database.execute(_END, here_and_then)
        database.execute(_BEGIN, list(_lasting(added.moments)))
    for one in added.retracted:  # before the new ones come in, which know of it already
        database.execute(_RETRACT, {"cycle": here, "from_seq": one.first, "moment": one.at})
    if added.acts:
        database.execute(_ACT, [act._asdict() for act in added.acts])
    if added.state.conditions != (before.conditions if before else ()):
        database.execute(delete(CONDITIONS).where(CONDITIONS.c.cycle_id == here))
        if added.state.conditions:
            database.execute(insert(CONDITIONS), [bond._asdict() for bond in bonds_of(added.state)])


def empty(session: Session) -> None:
    """Throws the past away; the journal stays."""
    for table in TABLES:
        session.connection().execute(delete(table))


def rows(told: Chronicle) -> dict[Table, list[dict[str, Any]]]:
    """Every row of a cycle's whole past, by table."""
    return {
        HISTORY: list(_lasting(told.moments)),
        ACTS: [act._asdict() for act in told.acts],
        CONDITIONS: [bond._asdict() for bond in bonds_of(told.state)],
    }


def holding(at: datetime | None) -> ColumnElement[bool]:
    """The moments that hold at an instant; None is now."""
    if at is None:
        return HISTORY.c.until.is_(None)
    return and_(HISTORY.c.since <= at, or_(HISTORY.c.until.is_(None), HISTORY.c.until > at))


def moments(session: Session, at: datetime | None, cycles: Sequence[str] | None = None) -> list[Moment]:
    """Where every cycle, or each of `cycles`, stands at an instant; None is now."""
    query = select(*(HISTORY.c[name] for name in Moment._fields)).where(holding(at))
    if cycles is not None:
        query = query.where(HISTORY.c.cycle_id.in_(cycles))
    return [Moment._make(row) for row in session.connection().execute(query)]


def bonds(session: Session, at: datetime) -> list[Bond]:
    """The conditions that are set and not closed at an instant, the earliest due first."""
    query = select(*(CONDITIONS.c[name] for name in Bond._fields)).where(
        CONDITIONS.c.set_at <= at, or_(CONDITIONS.c.closed_at.is_(None), CONDITIONS.c.closed_at > at)
    )
    ordered = query.order_by(CONDITIONS.c.due, CONDITIONS.c.cycle_id, CONDITIONS.c.n)
    return [Bond._make(row) for row in session.connection().execute(ordered)]


def open_bonds(session: Session, cycles: Sequence[str] | None = None) -> dict[str, list[Bond]]:
    """The conditions that are open now, by cycle; of all, or of `cycles`."""
    query = select(*(CONDITIONS.c[name] for name in Bond._fields)).where(CONDITIONS.c.closed_at.is_(None))
    if cycles is not None:
        query = query.where(CONDITIONS.c.cycle_id.in_(cycles))
    found: dict[str, list[Bond]] = {}
    for row in session.connection().execute(query.order_by(CONDITIONS.c.cycle_id, CONDITIONS.c.n)):
        found.setdefault(row.cycle_id, []).append(Bond._make(row))
    return found


def _lasting(found: Sequence[Moment]) -> Iterator[dict[str, Any]]:
    following: Sequence[Moment | None] = (*found[1:], None)
    for moment, after in zip(found, following, strict=True):
        yield moment._asdict() | {"until": after.since if after else None}
