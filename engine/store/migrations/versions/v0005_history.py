"""the past of every cycle as rows, and which version of the projections the tables hold."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FLOATS = (
    "cost_initial_yen", "cost_running_yen", "effort_hours",
)  # fmt: skip
STEPS = ("imagine", "transform", "realise", "share")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "cycle_history",
        _text("cycle_id"),
        _instant("since"),
        _instant("until", nullable=True),
        _text("initiative_id"),
        sa.Column("turn", sa.Integer(), nullable=False),
        _text("kind"),
        _text("title"),
        _text("pillar", nullable=True),
        _text("startup", nullable=True),
        _text("org_scope"),
        _text("org_unit"),
        _text("work_scope"),
        _text("owner"),
        _text("status"),
        _text("step"),
        _text("step_status"),
        sa.Column("steps_passed", sa.Integer(), nullable=False),
        _text("waits_for"),
        _instant("waiting_since"),
        _text("posts"),
        _instant("due_at", nullable=True),
        _instant("created_at"),
        sa.Column("hours_saved_per_year", sa.Float(), nullable=True),
        sa.Column("yen_per_year", sa.Float(), nullable=True),
        _instant("measured_at", nullable=True),
        sa.Column("baseline_measured", sa.Boolean(), nullable=True),
        sa.Column("offline_route", sa.Boolean(), nullable=True),
        sa.Column("left_behind", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Float(), nullable=True) for name in FLOATS),
        _text("verdict", nullable=True),
        sa.Column("offline_users", sa.Integer(), nullable=True),
        sa.Column("citizen_score", sa.Float(), nullable=True),
        _text("public_level", nullable=True),
        *(
            sa.Column(f"{step}_{who}_seconds", sa.Float(), nullable=True)
            for step in STEPS
            for who in ("owner", "approver")
        ),
        sa.PrimaryKeyConstraint("cycle_id", "since"),
    )
    op.create_index("ix_cycle_history_until", "cycle_history", ["until", "since"])

    op.create_table(
        "cycle_act",
        _text("cycle_id"),
        sa.Column("seq", sa.Integer(), nullable=False),
        _instant("at"),
        _text("kind"),
        _text("step"),
        sa.Column("round", sa.Integer(), nullable=False),
        _text("post", nullable=True),
        _text("person"),
        _text("on_behalf_of", nullable=True),
        _text("why", nullable=True),
        sa.Column("waited_seconds", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("first", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("cycle_id", "seq"),
    )
    op.create_index("ix_cycle_act_kind", "cycle_act", ["kind", "at"])

    op.create_table(
        "cycle_condition",
        _text("cycle_id"),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _text("owner"),
        sa.Column("due", sa.Date(), nullable=False),
        _text("step"),
        _instant("set_at"),
        _instant("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("cycle_id", "n"),
    )

    op.create_table(
        "projected",
        _text("name"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    for table in ("projected", "cycle_condition", "cycle_act", "cycle_history"):
        op.drop_table(table)
