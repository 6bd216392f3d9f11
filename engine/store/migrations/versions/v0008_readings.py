"""what lies with somebody to read or to answer, beside the decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading",
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("post", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cycle_id", "key"),
    )
    op.create_index("ix_reading_person", "reading", ["person"])
    op.create_index("ix_reading_post", "reading", ["post"])


def downgrade() -> None:
    op.drop_table("reading")
