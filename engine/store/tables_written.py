"""The tables of what people wrote into a cycle, as pages show it: comments and submissions; made from the journal.

Columns only: what the rows mean is in `projections.written`.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from engine.store.database import UtcDateTime


def _text(*, nullable: bool = False) -> Any:
    given: dict[str, Any] = {"default": None} if nullable else {}
    return Field(sa_column=Column(Text, nullable=nullable), **given)


class CommentRow(SQLModel, table=True):
    """A comment; event `seq` of its cycle says so."""

    __tablename__: ClassVar[str] = "comment"

    cycle_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, nullable=False)
    by: str
    text: str = _text()


class SubmissionRow(SQLModel, table=True):
    """See `engine.domain.cycle.versions.Version`; what was handed in, and the files, are JSON."""

    __tablename__: ClassVar[str] = "submission"

    cycle_id: str = Field(primary_key=True)
    n: int = Field(primary_key=True)
    step: str
    round: int
    submitted_at: datetime = Field(sa_type=UtcDateTime, nullable=False)
    by: str
    hash: str
    message: str | None = _text(nullable=True)
    outcome: str
    outcome_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True, default=None)
    outcome_by: str | None = None
    deliverable: str = _text()
    attachments: str = _text()
