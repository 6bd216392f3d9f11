"""What a failing database means: *not now* (away, busy, full), or *never* (a value that no column takes)."""

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, SQLAlchemyError, StatementError

NEVER = (DataError, IntegrityError, NotSupportedError)
"""What the database says of the values themselves."""


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
