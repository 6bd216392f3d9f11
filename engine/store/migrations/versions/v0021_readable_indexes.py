"""how far a cycle may be read stands in the indexes that lists use.

The column came last, behind the whole state, so SQLite read every row to its end to look at it.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_cycle_listing": ["created_at", "id"],
    "ix_cycle_filter": ["status", "step", "org_scope"],
    "ix_cycle_desk": ["owner", "waits_for", "status"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.drop_index(name, "cycle")
        op.create_index(name, "cycle", [*columns, "circle"])
    op.create_index("ix_cycle_readable", "cycle", ["id", "circle", "owner", "org_unit"])


def downgrade() -> None:
    op.drop_index("ix_cycle_readable", "cycle")
    for name, columns in INDEXES.items():
        op.drop_index(name, "cycle")
        op.create_index(name, "cycle", columns)
