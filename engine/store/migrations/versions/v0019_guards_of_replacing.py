"""triggers against `INSERT OR REPLACE` on SQLite, which removes a row without asking those that guard removal.

PostgreSQL has no such statement: its `ON CONFLICT DO UPDATE` is an update, which is guarded.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

THERE = {
    "journal": "position = NEW.position OR (cycle_id = NEW.cycle_id AND seq = NEW.seq)",
    "ledger": "position = NEW.position OR (stream = NEW.stream AND seq = NEW.seq)",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, known in THERE.items():
        op.execute(
            sa.text(
                f"CREATE TRIGGER {table}_keeps_insert BEFORE INSERT ON {table} "  # noqa: S608 - names of ours
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {known}) "
                f"BEGIN SELECT RAISE(ABORT, '{table} keeps what is on record'); END"
            )
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in THERE:
            op.execute(sa.text(f"DROP TRIGGER IF EXISTS {table}_keeps_insert"))
