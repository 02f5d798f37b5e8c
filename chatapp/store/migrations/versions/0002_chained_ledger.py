"""The egress ledger as a chain of sealed records. Rows of `egress` stay as they are: they are from before it.

A step is history: it says everything itself and borrows nothing from `schema.py`, which moves on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take this step."""
    op.create_table(
        "ledger",
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("conversation", sa.Text),
        sa.Column("turn", sa.Text),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("prev_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("chain", "position", name="pk_ledger"),
    )
    op.create_index("ix_ledger_conversation", "ledger", ["conversation"])
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_refuses_{change.lower()} BEFORE {change} ON ledger "
            f"BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END"
        )
