"""who decided what and how long it had waited; files and their contents."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=True),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("acted_as", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waited_post", sa.String(), nullable=True),
        sa.Column("waited_seconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("cycle_id", "seq"),
    )
    op.create_index("ix_decision_at", "decision", ["at"])
    op.create_index("ix_decision_history", "decision", ["person", "at", "cycle_id", "seq"])
    op.create_index("ix_decision_waiting", "decision", ["waited_post", "at"])

    op.create_table(
        "attachment",
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cycle_id", "n"),
    )
    op.create_index("ix_attachment_sha256", "attachment", ["sha256"])

    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_index("ix_blob_stored_at", "blob", ["stored_at"])


def downgrade() -> None:
    for table in ("blob", "attachment", "decision"):
        op.drop_table(table)
