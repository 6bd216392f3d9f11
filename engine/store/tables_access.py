"""Tables of who may come in: tokens and their last use, accounts of the provider, visits that were ended."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from engine.store.database import UtcDateTime


def _instant(*, nullable: bool = False) -> Any:
    given: dict[str, Any] = {"default": None} if nullable else {}
    return Field(sa_type=UtcDateTime, nullable=nullable, **given)


class CredentialRow(SQLModel, table=True):
    """A token as its facts in the ledger amount to; never the token itself."""

    __tablename__: ClassVar[str] = "credential"

    id: str = Field(primary_key=True)
    stream: str = Field(index=True)
    holder: str = Field(index=True)
    name: str
    made_by: str
    made_at: datetime = _instant()
    expires_at: datetime = _instant()
    read_only: bool
    rights: str
    revoked_at: datetime | None = _instant(nullable=True)
    revoked_by: str | None = None


class CredentialUseRow(SQLModel, table=True):
    """When a token was used last, to the minute; no projection, and no loss when it is lost."""

    __tablename__: ClassVar[str] = "credential_use"

    id: str = Field(primary_key=True)
    at: datetime = _instant()


class SignInRow(SQLModel, table=True):
    """An account of the OpenID provider that stands for a person, as its facts in the ledger amount to."""

    __tablename__: ClassVar[str] = "sign_in"

    stream: str = Field(primary_key=True)
    issuer: str
    subject: str
    person: str = Field(index=True)
    bound_at: datetime = _instant()


class EndedVisitRow(SQLModel, table=True):
    """What was ended: a visit (`visit/ID`), a person's before it (`person/ID`), a provider's (`provider/ID`)."""

    __tablename__: ClassVar[str] = "ended_visit"

    key: str = Field(primary_key=True)
    at: datetime = _instant()


class AccessLogRow(SQLModel, table=True):
    """One line of the access log; no projection: what is lost here is lost."""

    __tablename__: ClassVar[str] = "access_log"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, nullable=False, index=True)
    person: str = Field(index=True)
    act: str
    subject: str = Field(index=True)
    detail: str
