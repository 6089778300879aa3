"""Alembic's entry: it runs this file with the connection that control.py hands over."""

from alembic import context

from costper.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
