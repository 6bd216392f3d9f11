"""What the access log keeps: sign-ins, readings of what few may read, exports, tokens, ended visits, files in force.

An auditor looks for it; nothing is decided by it. It is no part of the record, and ends after a time.
"""

from datetime import datetime
from enum import StrEnum

from engine.domain.base import Frozen
from engine.domain.errors import forbidden
from engine.domain.organisation.organisation import Duty


class AccessAct(StrEnum):
    """What was done."""

    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    READ_RESTRICTED = "read_restricted"
    EXPORT = "export"
    TOKEN_MADE = "token_made"  # noqa: S105 - the name of an act
    ACCOUNT_RELEASED = "account_released"
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - as above
    VISITS_ENDED = "visits_ended"
    SETTING = "setting"


class Accessed(Frozen):
    """One line.

    Args:
        number: 1, 2, 3 … in the order of writing.
        at: aware UTC.
        person: who; empty when nobody was let in.
        act: what.
        subject: of what: a cycle, a token, the name of a file, the provider.
        detail: how.
    """

    number: int
    at: datetime
    person: str
    act: AccessAct
    subject: str
    detail: str


class AccessAsked(Frozen):
    """Which lines; None means any. Both instants are included."""

    person: str | None = None
    act: AccessAct | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def must_be_auditor(duties: frozenset[Duty]) -> None:
    """Raises `auditor_only` for everybody else; an administrator is none by that."""
    if Duty.AUDITOR not in duties:
        raise forbidden("auditor_only")
