"""Brings a database up to this version: its tables, and what is made from the journal if that has changed since.

A migration makes empty tables; their rows follow from the journal, so they are made by the code that keeps them and
not by the migration, which would have to carry a copy of it for ever.
"""

from sqlalchemy import Engine

from engine.store import authority
from engine.store.database import migrate, open_database, reading, writing
from engine.store.projections.history import ProjectedRow
from engine.store.record import verify as check

VERSION = 6
"""Goes up whenever the rows made from the same journal change; 1 was before `cycle_history`, 3 before `undo`, 4
before `circle`, 5 before `comment` and `submission`."""
_ALL = "all"


def bring_up(url: str) -> int | None:
    """Tables, projections and facts of this version; a database that is there already is left alone.

    Returns:
        How many cycles were projected anew; None when that was not needed.
    """
    migrate(url)
    engine = open_database(url)
    try:
        authority.take_over(engine)
        return project_anew(engine)
    finally:
        engine.dispose()


def project_anew(engine: Engine) -> int | None:
    """Rebuilds every projection if another version made it; see `bring_up`."""
    with reading(engine) as session:
        known = session.get(ProjectedRow, _ALL)
    if known is not None and known.version == VERSION:
        return None
    count = check.rebuild(engine)
    note_version(engine)
    return count


def note_version(engine: Engine) -> None:
    """Every projection has been made by this version."""
    with writing(engine) as session:
        session.merge(ProjectedRow(name=_ALL, version=VERSION))
