"""How Alembic runs here: on the connection and in the transaction that `store.schema` hands over."""

from alembic import context

from dataask_jupyter.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite changes a table by making a new one; every migration is written for that.
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
