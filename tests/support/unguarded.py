"""Takes the triggers away that guard the record, as who owns the tables could."""

from sqlalchemy import Connection, Engine, text

from engine.store.guards import guards_of


def unguard(engine: Engine) -> None:
    """The record can be changed from now on."""
    with engine.begin() as connection:
        unguard_on(connection)


def unguard_on(connection: Connection) -> None:
    """The same inside a transaction."""
    for table, name in guards_of(connection.engine):
        on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))
