"""The tables. The journal is the record; `cycle`, `cycle_parent` and `waiting` are made from it.

Columns only: what the rows mean is in `journal`, `projections`, `directory` and the readers.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from engine.store.database import UtcDateTime


def _instant(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(sa_type=UtcDateTime, nullable=nullable, index=index, default=None if nullable else ...)


class JournalRow(SQLModel, table=True):
    """One event. `position` orders all cycles' events as they were committed; `content` is exactly what is hashed."""

    __tablename__: ClassVar[str] = "journal"
    __table_args__ = (UniqueConstraint("cycle_id", "seq"), {"sqlite_autoincrement": True})

    position: int | None = Field(default=None, primary_key=True)
    cycle_id: str
    seq: int
    at: datetime = _instant()
    actor: str
    on_behalf_of: str | None = None
    type: str
    command_id: str | None = Field(default=None, index=True)
    content: str = Field(sa_column=Column(Text, nullable=False))
    hash: str


class InstallationRow(SQLModel, table=True):
    """The one row that says whose database this is; see `installation`."""

    __tablename__: ClassVar[str] = "installation"

    id: str = Field(primary_key=True)
    made_at: datetime = _instant()
    sealed_since: datetime | None = _instant(nullable=True)


class DifferenceRow(SQLModel, table=True):
    """Where record and engine differ; see `registers.differences`."""

    __tablename__: ClassVar[str] = "difference"

    kind: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    since: datetime = _instant()
    seen_at: datetime = _instant()


class CycleRow(SQLModel, table=True):
    """A cycle as its events amount to: the whole state as JSON, and the columns that lists filter and sort by."""

    __tablename__: ClassVar[str] = "cycle"
    __table_args__ = (
        Index("ix_cycle_listing", "created_at", "id", "circle"),
        Index("ix_cycle_filter", "status", "step", "org_scope", "circle"),
        Index("ix_cycle_desk", "owner", "waits_for", "status", "circle"),
        Index("ix_cycle_readable", "id", "circle", "owner", "org_unit"),
    )

    id: str = Field(primary_key=True)
    initiative_id: str = Field(index=True)
    turn: int
    kind: str
    title: str
    pillar: str | None = Field(default=None, index=True)
    startup: str | None = Field(default=None, index=True)
    governance: str
    org_scope: str
    org_unit: str = Field(index=True)
    work_scope: str
    owner: str
    status: str
    step: str
    step_status: str
    round: int
    revision: int
    waits_for: str = Field(index=True)
    waiting_since: datetime = _instant()
    due_at: datetime | None = _instant(nullable=True, index=True)
    hours_saved_per_year: float | None = None
    yen_per_year: float | None = None
    hourly_rate_yen: float | None = None
    realised_at: datetime | None = _instant(nullable=True, index=True)
    verdict: str | None = None
    adopted_from: str | None = Field(default=None, index=True)
    copied_from: str | None = Field(default=None, index=True)
    hours_before: float | None = None
    sleeps_until: datetime | None = _instant(nullable=True)
    owner_seconds: float
    approver_seconds: float
    held_seconds: float
    created_at: datetime = _instant()
    updated_at: datetime = _instant()
    circle: str = Field(default="draft", sa_column_kwargs={"server_default": "draft"})
    """How far it may be read; see `engine.domain.access.reading`."""
    search: str = Field(sa_column=Column(Text, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))


class CycleParentRow(SQLModel, table=True):
    """That a cycle grew out of another one, or was joined by it; event `seq` of `cycle_id` says so."""

    __tablename__: ClassVar[str] = "cycle_parent"

    cycle_id: str = Field(primary_key=True)
    parent_id: str = Field(primary_key=True, index=True)
    kind: str
    seq: int


class CycleReaderRow(SQLModel, table=True):
    """A person or post that a cycle names, and who may read it for that; no row where everybody may."""

    __tablename__: ClassVar[str] = "cycle_reader"
    __table_args__ = (Index("ix_cycle_reader_key", "key", postgresql_ops={"key": 'COLLATE "C"'}),)

    cycle_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)


class WaitingRow(SQLModel, table=True):
    """That a cycle waits for a post; who holds the post is asked on the day."""

    __tablename__: ClassVar[str] = "waiting"
    __table_args__ = (Index("ix_waiting_pair", "post", "owner"), Index("ix_waiting_due", "due_at", "cycle_id"))

    cycle_id: str = Field(primary_key=True)
    post: str = Field(primary_key=True)
    owner: str
    stage: str
    round: int
    why: str
    pull_up: bool
    since: datetime = _instant()
    due_at: datetime = _instant()


class LedgerRow(SQLModel, table=True):
    """One fact of the ledger; `position` orders all streams' facts, `content` is exactly what is hashed."""

    __tablename__: ClassVar[str] = "ledger"
    __table_args__ = (UniqueConstraint("stream", "seq"), {"sqlite_autoincrement": True})

    position: int | None = Field(default=None, primary_key=True)
    stream: str
    seq: int
    at: datetime = _instant()
    actor: str
    on_behalf_of: str | None = None
    type: str = Field(index=True)
    command_id: str | None = Field(default=None, index=True)
    content: str = Field(sa_column=Column(Text, nullable=False))
    hash: str


class OfferRow(SQLModel, table=True):
    """An offer as its stream amounts to: the whole as JSON, and the columns that lists filter and sort by."""

    __tablename__: ClassVar[str] = "offer"
    __table_args__ = (Index("ix_offer_listing", "offered_at", "id"),)

    id: str = Field(primary_key=True)
    stream: str = Field(index=True)
    case_id: str = Field(index=True)
    org_unit: str = Field(index=True)
    status: str = Field(index=True)
    offered_at: datetime = _instant()
    answered_at: datetime | None = _instant(nullable=True)
    cycle_id: str | None = Field(default=None, index=True)
    state: str = Field(sa_column=Column(Text, nullable=False))


class DecisionRow(SQLModel, table=True):
    """That a person decided, and how long it had waited for the post; made from the journal."""

    __tablename__: ClassVar[str] = "decision"
    __table_args__ = (
        Index("ix_decision_history", "person", "at", "cycle_id", "seq"),
        Index("ix_decision_waiting", "waited_post", "at"),
    )

    cycle_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    step: str
    round: int
    action: str
    person: str
    on_behalf_of: str | None = None
    post: str
    acted_as: str
    reason: str | None = Field(default=None, sa_column=Column(Text))
    at: datetime = _instant(index=True)
    waited_post: str | None = None
    waited_seconds: float | None = None
    retracted_at: datetime | None = _instant(nullable=True)


class AttachmentRow(SQLModel, table=True):
    """That a cycle holds a file's content; made from the journal."""

    __tablename__: ClassVar[str] = "attachment"

    cycle_id: str = Field(primary_key=True)
    n: int = Field(primary_key=True)
    sha256: str = Field(index=True)
    size: int


class BlobRow(SQLModel, table=True):
    """A file's content under its hash; no projection: what is lost here is lost."""

    __tablename__: ClassVar[str] = "blob"

    sha256: str = Field(primary_key=True)
    size: int
    content: bytes
    stored_at: datetime = _instant(index=True)


class CaseSheetRow(SQLModel, table=True):
    """A case in the library: what it is filtered by; its text is in `case_search` under `number`."""

    __tablename__: ClassVar[str] = "case_sheet"
    __table_args__ = (Index("ix_case_sheet_listing", "shared_at", "cycle_id"),)

    cycle_id: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger, unique=True, index=True)
    initiative_id: str
    kind: str
    pillar: str | None = None
    startup: str | None = None
    org_unit: str
    org_scope: str
    work_scope: str
    adopted_from: str | None = None
    standing: str
    public_level: str
    verdict: str | None = None
    difficulty: str | None = None
    worse: bool
    minutes_saved_per_case: float | None = None
    cases_per_year: float | None = None
    shared_at: datetime = _instant()
    fiscal_year: int


class ReadingRow(SQLModel, table=True):
    """That something lies with a person or a post to be read or answered; no decision waits for it."""

    __tablename__: ClassVar[str] = "reading"

    cycle_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    person: str | None = Field(default=None, index=True)
    post: str | None = Field(default=None, index=True)
    why: str
    n: int | None = None
    step: str
    round: int
    since: datetime = _instant()


class DocumentRow(SQLModel, table=True):
    """An imported document, immutable: the newest of a kind (organisation, roadmap, policy) is in force."""

    __tablename__: ClassVar[str] = "document"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: int | None = Field(default=None, primary_key=True)
    kind: str = Field(index=True)
    name: str
    content: str = Field(sa_column=Column(Text, nullable=False))
    imported_at: datetime = _instant()
    imported_by: str


class ProposedChangeRow(SQLModel, table=True):
    """A document that changes who decides, for as long as it waits; what became of it stands in the ledger."""

    __tablename__: ClassVar[str] = "proposed_change"

    id: str = Field(primary_key=True)
    kind: str = Field(unique=True)
    name: str
    content: str = Field(sa_column=Column(Text, nullable=False))
    base: int
    proposed_by: str
    proposed_at: datetime = _instant()
    takes_effect: date


class AbsenceRow(SQLModel, table=True):
    """That a person is away, and who stands in."""

    __tablename__: ClassVar[str] = "absence"

    id: str = Field(primary_key=True)
    person_id: str = Field(index=True)
    first: date
    last: date
    proxy: str | None = None
    entered_by: str
    entered_at: datetime = _instant()


class CalendarFeedRow(SQLModel, table=True):
    """That a person's calendar may be read at a secret address; only the secret's hash is kept."""

    __tablename__: ClassVar[str] = "calendar_feed"

    person_id: str = Field(primary_key=True)
    digest: str = Field(unique=True)
    made_at: datetime = _instant()


class AnswerRow(SQLModel, table=True):
    """An idempotency key with what was sent under it, and the answer as soon as there is one.

    Without `status` nothing is answered yet; `claim` names the request that works on it, None when nobody does.
    """

    __tablename__: ClassVar[str] = "answer"

    person_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    status: int | None = None
    headers: str | None = None
    body: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime = _instant(index=True)
    claim: str | None = None


class WriteProbeRow(SQLModel, table=True):
    """One row that is written to find out whether anything can be."""

    __tablename__: ClassVar[str] = "write_probe"

    n: int = Field(primary_key=True)
    tries: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
