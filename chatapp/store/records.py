"""Operations on what goes with a turn: attachments and feedback; and the two ledgers that only grow.

Each takes a connection, runs inside the transaction of whoever calls it, and asks for the owner in the query itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from chatapp.errors import NotFound
from chatapp.ports import AuditRecord, EgressRecord, StoredAttachment
from chatapp.store.codec import Codec
from chatapp.store.failures import taken_means_not_found
from chatapp.store.schema import attachments, audit, conversations, egress, feedback, turns


@dataclass(frozen=True, slots=True)
class Records:
    """What can be done with the rows of `attachments`, `feedback`, `egress` and `audit`."""

    codec: Codec

    def add_attachment(self, connection: Connection, attachment: StoredAttachment) -> None:
        """Keep a file.

        Raises:
            NotFound: the id is taken.
        """
        coded = {name: self.codec.encode(getattr(attachment, name)) for name in ("name", "summary", "text")}
        with taken_means_not_found(connection):
            connection.execute(insert(attachments), asdict(attachment) | coded)

    def attachments(self, connection: Connection, owner: str, ids: Sequence[str]) -> list[StoredAttachment]:
        """Files, in the order asked for.

        Raises:
            NotFound: one is not there for this owner.
        """
        chosen = select(attachments).where(attachments.c.owner == owner, attachments.c.id.in_(ids))
        found = {row.id: self._read(row) for row in connection.execute(chosen)}
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
        chosen = (attachments.c.owner == owner) & attachments.c.id.in_(ids)
        found = connection.execute(select(attachments.c.id).where(chosen)).scalars().all()
        if not set(found) >= set(ids):
            raise NotFound
        connection.execute(update(attachments).where(chosen, attachments.c.turn.is_(None)).values(turn=turn))

    def add_feedback(self, connection: Connection, owner: str, turn: str, kind: str, at: float) -> None:
        """Note an opinion; the newest of a turn counts.

        Raises:
            NotFound: the turn is not there for this owner.
        """
        shown = select(turns.c.turn).join(conversations, conversations.c.id == turns.c.conversation)
        shown = shown.where(turns.c.turn == turn, turns.c.owner == owner, conversations.c.deleted_at.is_(None))
        if connection.execute(shown).scalar() is None:
            raise NotFound
        row = {"owner": owner, "turn": turn, "kind": self.codec.encode(kind), "at": at}
        connection.execute(insert(feedback), row)

    def record_egress(self, connection: Connection, record: EgressRecord) -> None:
        """Add a row to the egress ledger."""
        connection.execute(insert(egress), asdict(record))

    def record_audit(self, connection: Connection, record: AuditRecord) -> None:
        """Add a row to the audit trail."""
        connection.execute(insert(audit), asdict(record))

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
