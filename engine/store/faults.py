"""What a failing database means: *not now* (away, busy, full), or *never* (a value that no column takes)."""

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

NEVER = (DataError, IntegrityError, NotSupportedError)
"""What the database says of the values themselves."""


class DatabaseBusyError(Exception):
    """Others write, and it was not our turn within the time that we wait."""


class NewerTablesError(Exception):
    """A newer version has made the tables; the text is for people, in both languages."""


AWAY = (OperationalError, InterfaceError, InternalError, PoolTimeoutError, DatabaseBusyError)
"""No connection, a lock, no space, read only: what passes by itself or by an operator's hand."""


FULL = ("SQLITE_FULL", "53100")
"""SQLite's name for it, and PostgreSQL's SQLSTATE."""


def is_away(error: BaseException) -> bool:
    """Whether the database cannot be asked or written now; the same may be tried again."""
    return isinstance(error, AWAY) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def why(error: BaseException) -> dict[str, str]:
    """What may be logged of a failed write: which rule said no, never the values, which are people's words."""
    said = {"error": type(error).__name__}
    if isinstance(error, DBAPIError):
        orig, diagnosed = error.orig, getattr(error.orig, "diag", None)
        code = getattr(orig, "sqlite_errorname", None) or getattr(orig, "sqlstate", None)
        rule = getattr(diagnosed, "constraint_name", None)
        said |= {name: str(value) for name, value in (("code", code), ("rule", rule)) if value}
    return said


def cause(error: BaseException) -> str:
    """Why no connection could be made, in the driver's words (such as `certificate verify failed`); else empty.

    Only what was said before any statement was sent, so that nobody's words are in it.
    """
    orig = error.orig if isinstance(error, OperationalError) else None
    if orig is None or getattr(orig, "sqlstate", None) or not str(orig).startswith("connection"):
        return ""
    return " ".join(str(orig).split())


def is_full(error: BaseException) -> bool:
    """Whether there is no space left where the database writes."""
    if not isinstance(error, DBAPIError):
        return False
    said = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return said in FULL


def is_never(error: Exception) -> bool:
    """Whether the same write would fail in the same way for ever.

    Everything a database says of itself is for now (no connection, a lock, no space, a table that a migration is
    about to make), and so is everything the operating system says. What the values are at fault for is for ever.
    """
    if isinstance(error, NEVER):
        return True
    if isinstance(error, StatementError) and not isinstance(error, DBAPIError):
        return True  # a value that could not even be bound
    return isinstance(error, ValueError | TypeError | ArithmeticError) and not isinstance(error, SQLAlchemyError)
