"""Operations on conversations: listing, renaming, modes, the latch, deleting and taking that back.

Each takes a connection, runs inside the transaction of whoever calls it, and asks for the owner in the query itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Double, Row, Select, bindparam, func, insert, select, update

from chatapp.errors import NotFound
from chatapp.messages import Conversation, LockedBy, Mode
from chatapp.ports import Clock
from chatapp.store.codec import Codec
from chatapp.store.failures import taken_means_not_found
from chatapp.store.schema import conversations

UNDO_SECONDS: Final = 3600.0
_TICK_SECONDS: Final = 0.001

# Statements are made once: to build one anew takes longer than to run it. `its`: the id of a conversation; `whose`: its
# owner. A change sets the columns it is given.
_ITS: Final = (conversations.c.id == bindparam("its")) & (conversations.c.owner == bindparam("whose"))
_SHOWN: Final = conversations.c.deleted_at.is_(None)
_FREE: Final = conversations.c.locked_by.is_(None)
_ONE: Final = select(conversations).where(_ITS)
_ONE_SHOWN: Final = _ONE.where(_SHOWN)
_LISTED: Final = (
    select(conversations)
    .where(conversations.c.owner == bindparam("whose"), _SHOWN, conversations.c.updated_at < bindparam("before"))
    .order_by(conversations.c.updated_at.desc())
    .execution_options(yield_per=100)
)
_OTHERS: Final = conversations.alias("others")
_NEWEST: Final = select(func.coalesce(func.max(_OTHERS.c.updated_at), 0.0)).where(_OTHERS.c.owner == bindparam("whose"))
_ON_TOP: Final = func.max(bindparam("at", type_=Double), _NEWEST.scalar_subquery() + _TICK_SECONDS)
_NEW: Final = insert(conversations).values(updated_at=_ON_TOP).inline()
_TOUCH: Final = update(conversations).where(_ITS, _SHOWN).values(updated_at=_ON_TOP)
_CHANGE: Final = update(conversations).where(_ITS)
_CHANGE_SHOWN: Final = _CHANGE.where(_SHOWN)
_CHANGE_FREE: Final = _CHANGE.where(_FREE)
_CHANGE_SHOWN_FREE: Final = _CHANGE_SHOWN.where(_FREE)


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
        return self._read(_require(connection, _ONE_SHOWN, owner, conversation))

    def listed(
        self, connection: Connection, owner: str, query: str, before: float | None, limit: int
    ) -> list[Conversation]:
        """Newest first; `query`: words that all stand in the title, in either case.

        Titles are decoded here, row by row, because SQL cannot look into coded text, nor into case beyond ASCII.
        """
        rows = connection.execute(_LISTED, {"whose": owner, "before": math.inf if before is None else before})
        words = query.casefold().split()
        found = list(islice((one for one in map(self._read, rows) if _holds(one.title, words)), limit))
        rows.close()
        return found

    def insert(self, connection: Connection, owner: str, new: Conversation, at: float) -> None:
        """Keep a new one, at the top of its owner's list as `touch` says.

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
            "whose": owner,
            "at": at,
        }
        with taken_means_not_found():
            connection.execute(_NEW, row)

    def touch(self, connection: Connection, owner: str, conversation: str, at: float) -> None:
        """Move it to the top of its owner's list.

        Its time is later than that of all others, even when the clock went back: so the list stays in the order of
        what happened, and a page of it that begins `before` a time misses none.

        Raises:
            NotFound: there is none for this owner, or it is deleted.
        """
        if connection.execute(_TOUCH, {"its": conversation, "whose": owner, "at": at}).rowcount == 0:
            raise NotFound

    def set_mode(self, connection: Connection, owner: str, conversation: str, mode: Mode) -> Conversation:
        """Change the mode, unless it is latched.

        Raises:
            NotFound: there is none for this owner, or it is deleted.
        """
        connection.execute(_CHANGE_SHOWN_FREE, {"its": conversation, "whose": owner, "mode": mode})
        return self.one(connection, owner, conversation)

    def latch(self, connection: Connection, owner: str, conversation: str, by: LockedBy, title: str) -> Conversation:
        """Mark it local for good, a deleted one too: it may be taken back.

        Raises:
            NotFound: there is none for this owner.
        """
        marks = {"locked_by": by, "mode": "local", "title": self.codec.encode(title)}
        connection.execute(_CHANGE_FREE, {"its": conversation, "whose": owner} | marks)
        return self._read(_require(connection, _ONE, owner, conversation))

    def set_title(self, connection: Connection, owner: str, conversation: str, title: str) -> Conversation:
        """Rename it.

        Raises:
            NotFound: there is none for this owner, or it is deleted.
        """
        renamed = {"its": conversation, "whose": owner, "title": self.codec.encode(title)}
        connection.execute(_CHANGE_SHOWN, renamed)
        return self.one(connection, owner, conversation)

    def set_deleted(self, connection: Connection, owner: str, conversation: str, deleted: bool) -> Conversation:
        """Delete it, or take that back. Deleting twice does not give it another hour.

        Raises:
            NotFound: there is none for this owner, or it was deleted more than an hour ago.
        """
        row = _require(connection, _ONE, owner, conversation)
        now = self.clock()
        if row.deleted_at is not None and now - row.deleted_at > UNDO_SECONDS:
            raise NotFound
        if deleted != (row.deleted_at is not None):
            marked = {"its": conversation, "whose": owner, "deleted_at": now if deleted else None}
            connection.execute(_CHANGE, marked)
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


def _require(connection: Connection, statement: Select[Any], owner: str, conversation: str) -> Row[Any]:
    row = connection.execute(statement, {"its": conversation, "whose": owner}).one_or_none()
    if row is None:
        raise NotFound
    return row


def _holds(title: str, words: Iterable[str]) -> bool:
    folded = title.casefold()
    return all(word in folded for word in words)
