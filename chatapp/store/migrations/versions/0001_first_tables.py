"""The first tables: conversations, turns and their logs, attachments, feedback, and the two append-only ledgers.

A step is history: it says everything itself and borrows nothing from `schema.py`, which moves on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take this step."""
    _conversations()
    _turns()
    _turn_log()
    _attachments()
    _feedback()
    _egress()
    _audit()
    for table in ("turn_log", "egress", "audit"):
        _append_only(table)


def _append_only(table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("locked_by", sa.Text),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("updated_at", sa.Double, nullable=False),
        sa.Column("deleted_at", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_owner_updated_at", "conversations", ["owner", "updated_at"])


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("turn", sa.Text, nullable=False),
        sa.Column("conversation", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("parent", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("wish", sa.Text, nullable=False),
        sa.Column("attachments", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("node", sa.Text),
        sa.Column("lease_until", sa.Double),
        sa.PrimaryKeyConstraint("turn", name="pk_turns"),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name="fk_turns_conversation"),
        sa.ForeignKeyConstraint(["parent"], ["turns.turn"], name="fk_turns_parent"),
        sa.UniqueConstraint("owner", "client_id", name="uq_turns_owner_client_id"),
        sa.UniqueConstraint("conversation", "position", name="uq_turns_conversation_position"),
    )
    unfinished = sa.text("state IN ('queued', 'running')")
    op.create_index("ix_turns_unfinished", "turns", ["state"], sqlite_where=unfinished)


def _turn_log() -> None:
    op.create_table(
        "turn_log",
        sa.Column("turn", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("turn", "seq", name="pk_turn_log"),
        sa.ForeignKeyConstraint(["turn"], ["turns.turn"], name="fk_turn_log_turn"),
        sa.CheckConstraint("1 <= first AND first <= seq", name="ck_turn_log_run"),
    )


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("turn", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
        sa.ForeignKeyConstraint(["turn"], ["turns.turn"], name="fk_attachments_turn"),
    )


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("turn", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.ForeignKeyConstraint(["turn"], ["turns.turn"], name="fk_feedback_turn"),
    )
    op.create_index("ix_feedback_turn", "feedback", ["turn"])


def _egress() -> None:
    op.create_table(
        "egress",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("conversation", sa.Text),
        sa.Column("turn", sa.Text),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("payload_bytes", sa.Integer, nullable=False),
        sa.Column("payload_sha256", sa.Text, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("detector", sa.Text, nullable=False),
        sa.Column("node", sa.Text),
        sa.Column("position", sa.Integer),
        sa.Column("prev_hash", sa.Text),
        sa.Column("hash", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_egress"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("node", sa.Text),
        sa.Column("position", sa.Integer),
        sa.Column("prev_hash", sa.Text),
        sa.Column("hash", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
