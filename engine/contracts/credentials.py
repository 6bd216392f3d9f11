"""A token as everybody but its holder sees it."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Credential(BaseModel):
    """A token without its secret.

    Attributes:
        id: stands in the token, so that one that was revoked is known.
        holder: the person it acts for, or `service:NAME`.
        made_by: a person, or an account of the machine.
        rights: the duties of a service; a person's token has those of the day.
        used_at: to the minute; None when it never was.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    holder: str
    name: str
    made_by: str
    made_at: datetime
    expires_at: datetime
    read_only: bool
    rights: tuple[str, ...] = ()
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    used_at: datetime | None = None
