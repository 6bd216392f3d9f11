"""A database that refuses some rows by a rule of its own, as a column refuses a value that it cannot hold."""

from sqlalchemy import Engine

from engine.store.database import writing

POISON = "毒"
"""What no row of the journal may hold once `poison` was called."""


def poison(database: Engine, marker: str = POISON) -> None:
    """From now on the journal takes no row whose content or actor holds `marker`."""
    holds = f"content LIKE '%{marker}%' OR actor LIKE '%{marker}%'"
    if database.name == "sqlite":
        held = holds.replace("content", "NEW.content").replace("actor", "NEW.actor")
        rule = f"CREATE TRIGGER poison BEFORE INSERT ON journal WHEN {held} BEGIN SELECT RAISE(ABORT, 'poison'); END"
    else:
        rule = f"ALTER TABLE journal ADD CONSTRAINT poison CHECK (NOT ({holds}))".replace("%", "%%")
    with writing(database) as session:
        session.connection().exec_driver_sql(rule)
