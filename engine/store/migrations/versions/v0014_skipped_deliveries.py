"""who had a webhook step over an event, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhook_delivery", sa.Column("skipped_by", sa.String(), nullable=True))
    op.add_column("webhook_delivery", sa.Column("skipped_because", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("webhook_delivery") as table:
        table.drop_column("skipped_because")
        table.drop_column("skipped_by")
