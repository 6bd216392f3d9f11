"""the case library and its full-text index."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import Session

from engine.store.projections import library

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_sheet",
        sa.Column("cycle_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("initiative_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("pillar", sa.String(), nullable=True),
        sa.Column("startup", sa.String(), nullable=True),
        sa.Column("org_unit", sa.String(), nullable=False),
        sa.Column("org_scope", sa.String(), nullable=False),
        sa.Column("work_scope", sa.String(), nullable=False),
        sa.Column("adopted_from", sa.String(), nullable=True),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("public_level", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("difficulty", sa.String(), nullable=True),
        sa.Column("worse", sa.Boolean(), nullable=False),
        sa.Column("minutes_saved_per_case", sa.Float(), nullable=True),
        sa.Column("cases_per_year", sa.Float(), nullable=True),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cycle_id"),
    )
    op.create_index("ix_case_sheet_number", "case_sheet", ["number"], unique=True)
    op.create_index("ix_case_sheet_listing", "case_sheet", ["shared_at", "cycle_id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE case_search USING fts5(title, body, tokenize = 'ascii')")
    else:
        op.execute("CREATE TABLE case_search (number BIGINT PRIMARY KEY, vector TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_case_search_vector ON case_search USING GIN (vector)")
    if op.get_bind().execute(sa.text("SELECT 1 FROM cycle LIMIT 1")).first() is not None:
        with Session(op.get_bind()) as session:
            library.refill(session)
            session.flush()


def downgrade() -> None:
    op.drop_table("case_search")
    op.drop_table("case_sheet")
