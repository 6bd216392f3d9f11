"""PostgreSQL keeps the keys of readers in the order of their bytes, whatever its database's language is.

So what begins alike is one range of the index. SQLite's is in that order by itself.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _in_order_of(sa.text('key COLLATE "C"'))


def downgrade() -> None:
    _in_order_of("key")


def _in_order_of(key: str | sa.TextClause) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_cycle_reader_key", "cycle_reader")
        op.create_index("ix_cycle_reader_key", "cycle_reader", [key])
