"""What Alembic runs around the steps: our connection, its transaction, our tables.

`opening.py` hands over a connection whose transaction is open, so a step that fails or is killed leaves the file as
it was. There is no offline mode and no connection made from here.
"""

from __future__ import annotations

from alembic import context

from chatapp.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
