"""Alembic's entry: runs on the connection it is handed by `engine.store.database`."""

from alembic import context
from sqlmodel import SQLModel

import engine.store.tables  # noqa: F401 - defines the tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
