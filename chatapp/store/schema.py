"""The tables: what is kept, for whom, and in which order it came.

Every row has an `owner`. Times are seconds since 1970, UTC; order is by `seq`, `position` and `id`, never by time.
Columns marked "coded" pass `codec.py`. How a file gets these tables stands in `migrations/`.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

REVISIONS = ("0001", "0002")
"""Every schema there has been, oldest first: known here so that an up-to-date file opens without loading Alembic."""

UNFINISHED = ("queued", "running")
"""States of a turn that somebody still has to end."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("title", Text, nullable=False),  # coded
    Column("mode", Text, nullable=False),
    Column("locked_by", Text),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("deleted_at", Double),
    Index("ix_conversations_owner_updated_at", "owner", "updated_at"),
)

turns = Table(
    "turns",
    metadata,
    Column("turn", Text, primary_key=True),
    Column("conversation", Text, ForeignKey("conversations.id"), nullable=False),
    Column("owner", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("parent", Text, ForeignKey("turns.turn")),
    Column("text", Text, nullable=False),  # coded
    Column("wish", Text, nullable=False),
    Column("attachments", JSON, nullable=False),  # ids, as a list
    Column("state", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("node", Text),
    Column("lease_until", Double),
    UniqueConstraint("owner", "client_id"),
    UniqueConstraint("conversation", "position"),
    # The sweep looks for the few turns that have not ended among all that ever were.
    Index("ix_turns_unfinished", "state", sqlite_where=text("state IN ('queued', 'running')")),
)

turn_log = Table(
    "turn_log",
    metadata,
    Column("turn", Text, ForeignKey("turns.turn"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("first", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("payload", Text, nullable=False),  # coded
    CheckConstraint("1 <= first AND first <= seq", name="run"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("turn", Text, ForeignKey("turns.turn")),  # the first that used it
    Column("name", Text, nullable=False),  # coded
    Column("kind", Text, nullable=False),
    Column("summary", Text, nullable=False),  # coded
    Column("text", Text, nullable=False),  # coded
    Column("rows", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("created_at", Double, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("turn", Text, ForeignKey("turns.turn"), nullable=False, index=True),
    Column("kind", Text, nullable=False),  # coded
    Column("at", Double, nullable=False),
)


def _chain() -> tuple[Column[str], Column[int], Column[str], Column[str]]:
    """Columns of a hash chain per node; empty in all rows there are."""
    return (Column("node", Text), Column("position", Integer), Column("prev_hash", Text), Column("hash", Text))


# No ledger refers to other tables: what left, and who did what, outlives the conversation it was about.
ledger = Table(
    "ledger",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("conversation", Text, index=True),
    Column("turn", Text),
    Column("entry", Text, nullable=False),  # JSON; holds no text that anybody typed
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

# What left before records were chained. Nothing is added any more.
egress = Table(
    "egress",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("owner", Text, nullable=False),
    Column("conversation", Text),
    Column("turn", Text),
    Column("provider", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("payload_bytes", Integer, nullable=False),
    Column("payload_sha256", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("detector", Text, nullable=False),
    *_chain(),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("owner", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    *_chain(),
)
