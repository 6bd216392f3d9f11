"""how far a cycle may be read, whom it names as a reader, and how far a webhook may be told.

Nothing was kept from anybody before; whom a draft names follows when the projections are made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cycle", sa.Column("circle", sa.String(), nullable=False, server_default="draft"))
    op.execute("UPDATE cycle SET circle = 'everybody' WHERE round > 0")
    op.create_table(
        "cycle_reader",
        sa.Column("cycle_id", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
    )
    op.add_column("webhook", sa.Column("ceiling", sa.String(), nullable=False, server_default="office"))
    op.create_index("ix_cycle_reader_key", "cycle_reader", ["key"])


def downgrade() -> None:
    op.drop_table("cycle_reader")
    op.drop_column("cycle", "circle")
    op.drop_column("webhook", "ceiling")
