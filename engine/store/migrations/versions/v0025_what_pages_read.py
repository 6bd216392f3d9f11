"""what pages read of a cycle beside its state: comments and submissions, and two columns for the drawing of a spiral.

Empty: the rows follow from the journal when the projections are made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cycle", sa.Column("hours_before", sa.Float(), nullable=True))
    op.add_column("cycle", sa.Column("sleeps_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "comment",
        sa.Column("cycle_id", sa.String(), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_table(
        "submission",
        sa.Column("cycle_id", sa.String(), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome_by", sa.String(), nullable=True),
        sa.Column("deliverable", sa.Text(), nullable=False),
        sa.Column("attachments", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("submission")
    op.drop_table("comment")
    with op.batch_alter_table("cycle") as batch:
        batch.drop_column("sleeps_until")
        batch.drop_column("hours_before")
