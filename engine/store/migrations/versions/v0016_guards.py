"""triggers that refuse to change or remove what is on record: journal, ledger, and files that a cycle holds."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WHOLE = ("journal", "ledger")
HELD = "EXISTS (SELECT 1 FROM attachment WHERE attachment.sha256 = OLD.sha256)"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in WHOLE:
            for action in ("UPDATE", "DELETE"):
                _sqlite(table, action, "1")
        _sqlite("blob", "UPDATE", HELD)
        _sqlite("blob", "DELETE", HELD)
        return
    op.execute(
        sa.text(
            "CREATE FUNCTION spiral_keeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '% keeps what is on record', TG_TABLE_NAME; END $$"
        )
    )
    for table in WHOLE:
        for action in ("UPDATE", "DELETE"):
            _postgres(table, action, "FOR EACH ROW")
        _postgres(table, "TRUNCATE", "FOR EACH STATEMENT")
    op.execute(
        sa.text(
            "CREATE FUNCTION spiral_keeps_held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {HELD} THEN RAISE EXCEPTION 'blob keeps what a cycle holds'; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
    )
    for action in ("UPDATE", "DELETE"):
        _postgres("blob", action, "FOR EACH ROW", "spiral_keeps_held")


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for table in (*WHOLE, "blob"):
        for action in ("update", "delete", "truncate"):
            on = f" ON {table}" if postgres else ""
            op.execute(sa.text(f"DROP TRIGGER IF EXISTS {table}_keeps_{action}{on}"))
    if postgres:
        op.execute(sa.text("DROP FUNCTION spiral_keeps()"))
        op.execute(sa.text("DROP FUNCTION spiral_keeps_held()"))


def _sqlite(table: str, action: str, when: str) -> None:
    op.execute(
        sa.text(
            f"CREATE TRIGGER {table}_keeps_{action.lower()} BEFORE {action} ON {table} WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{table} keeps what is on record'); END"
        )
    )


def _postgres(table: str, action: str, each: str, function: str = "spiral_keeps") -> None:
    op.execute(
        sa.text(
            f"CREATE TRIGGER {table}_keeps_{action.lower()} BEFORE {action} ON {table} {each} "
            f"EXECUTE FUNCTION {function}()"
        )
    )
