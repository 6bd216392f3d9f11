"""a key is claimed before anything is done under it; a row to try a write on."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answer", sa.Column("claim", sa.String(), nullable=True))
    op.create_table(
        "write_probe",
        sa.Column("n", sa.Integer(), primary_key=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("write_probe")
    op.drop_column("answer", "claim")
