"""when and how a result was approved, its rate, where a copy came from; and which event explains each parent."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from engine.store.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BATCH = 500
CYCLE = sa.table(
    "cycle",
    sa.column("id", sa.String),
    sa.column("kind", sa.String),
    sa.column("state", sa.Text),
    sa.column("realised_at", UtcDateTime),
    sa.column("verdict", sa.String),
    sa.column("adopted_from", sa.String),
)
APPROVED = ("approve", "approve_with_conditions")


def upgrade() -> None:
    op.add_column("cycle", sa.Column("hourly_rate_yen", sa.Float(), nullable=True))
    op.add_column("cycle", sa.Column("realised_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cycle", sa.Column("verdict", sa.String(), nullable=True))
    op.add_column("cycle", sa.Column("adopted_from", sa.String(), nullable=True))
    op.create_index("ix_cycle_realised_at", "cycle", ["realised_at"])
    op.create_index("ix_cycle_adopted_from", "cycle", ["adopted_from"])
    with op.batch_alter_table("cycle_parent") as table:
        table.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="expand"))
        table.add_column(sa.Column("seq", sa.Integer(), nullable=False, server_default="1"))
    op.execute(
        "UPDATE cycle_parent SET kind = (SELECT kind FROM cycle WHERE cycle.id = cycle_parent.cycle_id) "
        "WHERE EXISTS (SELECT 1 FROM cycle WHERE cycle.id = cycle_parent.cycle_id "
        "AND cycle.kind IN ('expand', 'retry', 'sustain'))"
    )
    with op.batch_alter_table("cycle_parent") as table:
        table.alter_column("kind", server_default=None)
        table.alter_column("seq", server_default=None)
    _fill()


def _fill() -> None:
    connection, last = op.get_bind(), ""
    while True:
        rows = connection.execute(
            sa.select(CYCLE.c.id, CYCLE.c.state).where(CYCLE.c.id > last).order_by(CYCLE.c.id).limit(BATCH)
        ).all()
        if not rows:
            return
        for name, text in rows:
            values = _values(json.loads(text))
            if values:
                connection.execute(sa.update(CYCLE).where(CYCLE.c.id == name).values(**values))
        last = rows[-1][0]


def _values(state: dict[str, Any]) -> dict[str, Any]:
    """What the projection of this version says; frozen here, so that later versions do not change this step."""
    found: dict[str, Any] = {}
    if state.get("adopted_from"):
        found["adopted_from"] = state["adopted_from"]
    effects = state.get("effects") or {}
    measured = effects.get("hours_saved_per_year") is not None or any(
        one.get("actual") is not None for one in effects.get("metrics", ())
    )
    under_way = state["round"] if state["step"] == "realise" else None
    approvals = [
        one
        for one in state.get("decisions", ())
        if one["step"] == "realise" and one["action"] in APPROVED and one["round"] != under_way
    ]
    if measured and approvals:
        found["realised_at"] = datetime.fromisoformat(approvals[-1]["at"]).astimezone(UTC)
        verdict = state["deliverables"]["realise"].get("verdict")
        if verdict:
            found["verdict"] = verdict
    return found
