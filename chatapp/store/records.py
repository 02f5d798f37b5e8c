"""Operations on what goes with a turn: attachments and feedback; and the audit trail, which only grows.

Each takes a connection, runs inside the transaction of whoever calls it, and asks for the owner in the query itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from chatapp.errors import NotFound
from chatapp.ports import AuditRecord, StoredAttachment
from chatapp.store.codec import Codec
from chatapp.store.failures import taken_means_not_found
from chatapp.store.schema import attachments, audit, conversations, feedback, turns

# Statements are made once: to build one anew takes longer than to run it.
_CHOSEN: Final = (attachments.c.owner == bindparam("whose")) & attachments.c.id.in_(bindparam("ids", expanding=True))
_FILES: Final = select(attachments).where(_CHOSEN)
_FILE_IDS: Final = select(attachments.c.id).where(_CHOSEN)
_USE: Final = update(attachments).where(_CHOSEN, attachments.c.turn.is_(None))
_SHOWN_TURN: Final = (
    select(turns.c.turn)
    .join(conversations, conversations.c.id == turns.c.conversation)
    .where(turns.c.turn == bindparam("turn"), turns.c.owner == bindparam("whose"), conversations.c.deleted_at.is_(None))
)
_NEW_FILE: Final = insert(attachments).inline()
_NEW_OPINION: Final = insert(feedback).inline()
_WAS_DONE: Final = insert(audit).inline()


@dataclass(frozen=True, slots=True)
class Records:
    """What can be done with the rows of `attachments`, `feedback` and `audit`."""

    codec: Codec

    def add_attachment(self, connection: Connection, attachment: StoredAttachment) -> None:
        """Keep a file.

        Raises:
            NotFound: the id is taken.
        """
        coded = {name: self.codec.encode(getattr(attachment, name)) for name in ("name", "summary", "text")}
        with taken_means_not_found():
            connection.execute(_NEW_FILE, asdict(attachment) | coded)

    def attachments(self, connection: Connection, owner: str, ids: Sequence[str]) -> list[StoredAttachment]:
        """Files, in the order asked for.

        Raises:
            NotFound: one is not there for this owner.
        """
        rows = connection.execute(_FILES, {"whose": owner, "ids": ids})
        found = {row.id: self._read(row) for row in rows}
        if not found.keys() >= set(ids):
            raise NotFound
        return [found[one] for one in ids]

    def use_attachments(self, connection: Connection, owner: str, turn: str, ids: Sequence[str]) -> None:
        """Note which turn used them first; an edited question uses them again.

        Raises:
            NotFound: one is not there for this owner.
        """
        if not ids:
            return
        found = connection.execute(_FILE_IDS, {"whose": owner, "ids": ids}).scalars()
        if not set(found) >= set(ids):
            raise NotFound
        connection.execute(_USE, {"whose": owner, "ids": ids, "turn": turn})

    def add_feedback(self, connection: Connection, owner: str, turn: str, kind: str, at: float) -> None:
        """Note an opinion; the newest of a turn counts.

        Raises:
            NotFound: the turn is not there for this owner.
        """
        if connection.execute(_SHOWN_TURN, {"turn": turn, "whose": owner}).scalar() is None:
            raise NotFound
        row = {"owner": owner, "turn": turn, "kind": self.codec.encode(kind), "at": at}
        connection.execute(_NEW_OPINION, row)

    def record_audit(self, connection: Connection, record: AuditRecord) -> None:
        """Add a row to the audit trail."""
        connection.execute(_WAS_DONE, asdict(record))

    def _read(self, row: Row[Any]) -> StoredAttachment:
        return StoredAttachment(
            id=row.id,
            owner=row.owner,
            name=self.codec.decode(row.name),
            kind=row.kind,
            summary=self.codec.decode(row.summary),
            text=self.codec.decode(row.text),
            rows=row.rows,
            verdict=row.verdict,
            created_at=row.created_at,
        )
