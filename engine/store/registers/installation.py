"""Which installation a database belongs to. The id is made by the migration and never changes.

Must not know the engine: that the two belong together is compared in `engine.runtime.identity`.
"""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import col, select, update

from engine.contracts.engines import Installation
from engine.store.database import reading, writing
from engine.store.tables import InstallationRow


def installation_of(engine: Engine) -> Installation:
    """The installation of a migrated database."""
    with reading(engine) as session:
        row = session.exec(select(InstallationRow)).one()
    return Installation(row.id, row.sealed_since)


def note_sealed(engine: Engine, since: datetime) -> Installation:
    """Keeps the instant of the first claim; a later one changes nothing."""
    with writing(engine) as session:
        session.exec(
            update(InstallationRow).where(col(InstallationRow.sealed_since).is_(None)).values(sealed_since=since)
        )
    return installation_of(engine)
