"""which installation this database belongs to: a random id, and since when its engine takes sealed payloads only."""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "installation",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_since", sa.DateTime(timezone=True)),
    )
    op.bulk_insert(table, [{"id": secrets.token_hex(6), "made_at": datetime.now(UTC), "sealed_since": None}])


def downgrade() -> None:
    op.drop_table("installation")
