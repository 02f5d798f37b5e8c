"""Operations on conversations: listing, renaming, modes, the latch, deleting and taking that back.

Each takes a connection, runs inside the transaction of whoever calls it, and asks for the owner in the query itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from chatapp.errors import NotFound
from chatapp.messages import Conversation, LockedBy, Mode
from chatapp.ports import Clock
from chatapp.store.codec import Codec
from chatapp.store.failures import taken_means_not_found
from chatapp.store.schema import conversations

UNDO_SECONDS: Final = 3600.0
_TICK_SECONDS: Final = 0.001


def _of(owner: str, conversation: str) -> ColumnElement[bool]:
    return (conversations.c.id == conversation) & (conversations.c.owner == owner)


_SHOWN: Final = conversations.c.deleted_at.is_(None)


@dataclass(frozen=True, slots=True)
class Conversations:
    """What can be done with the rows of `conversations`.

    Args:
        clock: seconds since 1970.
    """

    codec: Codec
    clock: Clock

    def one(self, connection: Connection, owner: str, conversation: str) -> Conversation:
        """One that is not deleted.

        Raises:
            NotFound: there is none for this owner.
        """
        return self._read(_require(connection, _of(owner, conversation) & _SHOWN))

    def listed(
        self, connection: Connection, owner: str, query: str, before: float | None, limit: int
    ) -> list[Conversation]:
        """Newest first; `query`: words that all stand in the title, in either case.

        Titles are decoded here, row by row, because SQL cannot look into coded text, nor into case beyond ASCII.
        """
        statement = select(conversations).where(conversations.c.owner == owner, _SHOWN)
        if before is not None:
            statement = statement.where(conversations.c.updated_at < before)
        rows = connection.execute(
            statement.order_by(conversations.c.updated_at.desc()).execution_options(yield_per=100)
        )
        words = query.casefold().split()
        found = list(islice((one for one in map(self._read, rows) if _holds(one.title, words)), limit))
        rows.close()
        return found

    def insert(self, connection: Connection, owner: str, new: Conversation) -> None:
        """Keep a new one.

        Raises:
            NotFound: the id is taken.
        """
        row = {
            "id": new.id,
            "owner": owner,
            "title": self.codec.encode(new.title),
            "mode": "local" if new.locked else new.mode,
            "locked_by": new.locked_by,
            "created_at": new.created_at,
            "updated_at": new.created_at,
        }
        with taken_means_not_found(connection):
            connection.execute(insert(conversations), row)

    def touch(self, connection: Connection, owner: str, conversation: str, at: float) -> None:
        """Move it to the top of its owner's list.

        Its time is later than that of all others, even when the clock went back: so the list stays in the order of
        what happened, and a page of it that begins `before` a time misses none.
        """
        newest = select(func.max(conversations.c.updated_at)).where(conversations.c.owner == owner)
        latest = connection.execute(newest).scalar() or 0.0
        moved = update(conversations).where(_of(owner, conversation))
        connection.execute(moved.values(updated_at=max(at, latest + _TICK_SECONDS)))

    def set_mode(self, connection: Connection, owner: str, conversation: str, mode: Mode) -> Conversation:
        """Change the mode, unless it is latched.

        Raises:
            NotFound: there is none for this owner, or it is deleted.
        """
        free = _of(owner, conversation) & _SHOWN & conversations.c.locked_by.is_(None)
        connection.execute(update(conversations).where(free).values(mode=mode))
        return self.one(connection, owner, conversation)

    def latch(self, connection: Connection, owner: str, conversation: str, by: LockedBy, title: str) -> Conversation:
        """Mark it local for good, a deleted one too: it may be taken back.

        Raises:
            NotFound: there is none for this owner.
        """
        free = _of(owner, conversation) & conversations.c.locked_by.is_(None)
        marks = {"locked_by": by, "mode": "local", "title": self.codec.encode(title)}
        connection.execute(update(conversations).where(free).values(marks))
        return self._read(_require(connection, _of(owner, conversation)))

    def set_title(self, connection: Connection, owner: str, conversation: str, title: str) -> Conversation:
        """Rename it.

        Raises:
            NotFound: there is none for this owner, or it is deleted.
        """
        renamed = update(conversations).where(_of(owner, conversation), _SHOWN)
        connection.execute(renamed.values(title=self.codec.encode(title)))
        return self.one(connection, owner, conversation)

    def set_deleted(self, connection: Connection, owner: str, conversation: str, deleted: bool) -> Conversation:
        """Delete it, or take that back. Deleting twice does not give it another hour.

        Raises:
            NotFound: there is none for this owner, or it was deleted more than an hour ago.
        """
        row = _require(connection, _of(owner, conversation))
        now = self.clock()
        if row.deleted_at is not None and now - row.deleted_at > UNDO_SECONDS:
            raise NotFound
        if deleted != (row.deleted_at is not None):
            marked = update(conversations).where(_of(owner, conversation))
            connection.execute(marked.values(deleted_at=now if deleted else None))
        return self._read(row)

    def _read(self, row: Row[Any]) -> Conversation:
        return Conversation(
            id=row.id,
            owner=row.owner,
            title=self.codec.decode(row.title),
            mode=row.mode,
            locked_by=row.locked_by,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


def _require(connection: Connection, which: ColumnElement[bool]) -> Row[Any]:
    row = connection.execute(select(conversations).where(which)).one_or_none()
    if row is None:
        raise NotFound
    return row


def _holds(title: str, words: Iterable[str]) -> bool:
    folded = title.casefold()
    return all(word in folded for word in words)
