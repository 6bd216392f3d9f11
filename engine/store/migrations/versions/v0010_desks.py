"""what can be pulled up, and indexes for one person's desk."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("waiting") as table:
        table.add_column(sa.Column("pull_up", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.drop_index("ix_waiting_post", "waiting")
    op.create_index("ix_waiting_pair", "waiting", ["post", "owner"])
    op.create_index("ix_waiting_due", "waiting", ["due_at", "cycle_id"])
    op.drop_index("ix_cycle_owner", "cycle")
    op.create_index("ix_cycle_desk", "cycle", ["owner", "waits_for", "status"])


def downgrade() -> None:
    op.drop_index("ix_cycle_desk", "cycle")
    op.create_index("ix_cycle_owner", "cycle", ["owner"])
    op.drop_index("ix_waiting_due", "waiting")
    op.drop_index("ix_waiting_pair", "waiting")
    op.create_index("ix_waiting_post", "waiting", ["post"])
    with op.batch_alter_table("waiting") as table:
        table.drop_column("pull_up")
