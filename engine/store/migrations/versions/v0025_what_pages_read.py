"""what pages read of a cycle beside its state: comments and submissions, and columns for what they only name or draw.

Empty: the rows follow from the journal when the projections are made anew. Only `copied_from` is filled, since a rule
rests on it: where it is null, a release before this one has written the row, and its state is asked.
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
    op.add_column("cycle", sa.Column("copied_from", sa.String(), nullable=True))
    source = (
        "state::json->>'copied_from'"
        if op.get_bind().dialect.name == "postgresql"
        else ("json_extract(state, '$.copied_from')")
    )
    op.execute(f"UPDATE cycle SET copied_from = coalesce({source}, '')")  # noqa: S608 - one of the two above
    op.create_index("ix_cycle_copied_from", "cycle", ["copied_from"])
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
    op.drop_index("ix_cycle_copied_from", "cycle")
    with op.batch_alter_table("cycle") as batch:
        batch.drop_column("copied_from")
        batch.drop_column("sleeps_until")
        batch.drop_column("hours_before")
