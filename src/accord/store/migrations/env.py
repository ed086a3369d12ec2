"""What Alembic runs: the connection comes from `accord.store.migrate`."""

from alembic import context

from accord.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
