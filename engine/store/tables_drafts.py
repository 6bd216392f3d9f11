"""The table of what is being written and was not handed in; nothing is made from it, and it is made from nothing."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from engine.store.database import UtcDateTime


class WorkingCopyRow(SQLModel, table=True):
    """The working copy of a step; without a text it was handed in or discarded. See `directory.working_copies`."""

    __tablename__: ClassVar[str] = "working_copy"

    cycle_id: str = Field(primary_key=True)
    step: str = Field(primary_key=True)
    revision: int
    at_revision: int
    command_id: str
    fingerprint: str
    saved_at: datetime = Field(sa_type=UtcDateTime, nullable=False)
    saved_by: str
    by_token_of: str | None = None
    deliverable: str | None = Field(default=None, sa_column=Column(Text))
    typed: str | None = Field(default=None, sa_column=Column(Text))
