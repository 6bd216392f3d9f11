"""The triggers that refuse to change or remove what is on record, and whether they stand. Migrations 0016 and 0019.

They stop a slip and an injected statement; whoever owns the tables can drop them, which `verify` then says.
"""

from sqlalchemy import Engine, text

from engine.store.database import looking

GUARDS = tuple(
    (table, f"{table}_keeps_{action}") for table in ("journal", "ledger", "blob") for action in ("update", "delete")
)
"""Table and trigger, on both databases."""
_REPLACING = (("journal", "journal_keeps_insert"), ("ledger", "ledger_keeps_insert"))
"""On SQLite: `INSERT OR REPLACE` would remove a row without asking the others."""
_TRUNCATING = (("journal", "journal_keeps_truncate"), ("ledger", "ledger_keeps_truncate"))
_SQLITE = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
_POSTGRES = (
    "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE t.tgenabled = 'O' AND c.relnamespace = current_schema()::regnamespace"
)
_OWNS = "SELECT bool_or(pg_has_role(relowner, 'USAGE')) FROM pg_class WHERE oid = 'journal'::regclass"


def guards_of(engine: Engine) -> tuple[tuple[str, str], ...]:
    """Every table and trigger that must stand on this kind of database."""
    return GUARDS + (_REPLACING if engine.name == "sqlite" else _TRUNCATING)


def missing_guards(engine: Engine) -> tuple[str, ...]:
    """The triggers that are gone or switched off."""
    with looking(engine) as connection:
        there = {
            (table, name)
            for table, name in connection.execute(text(_SQLITE if engine.name == "sqlite" else _POSTGRES))
        }
    return tuple(name for table, name in guards_of(engine) if (table, name) not in there)


def may_drop_guards(engine: Engine) -> bool:
    """Whether the role that we are could take the triggers away: always on SQLite."""
    if engine.name == "sqlite":
        return True
    with looking(engine) as connection:
        return bool(connection.execute(text(_OWNS)).scalar())
