"""A conversation's latch: set once, taken off by nobody, and not forgotten where storage did not take it.

Who sets it and why is told in `turn.py` and `turns.py`; what it means for a request, in `router/route.py`.
"""

from __future__ import annotations

from chatapp.chat.feeds import Feeds
from chatapp.chat.titles import neutral_title
from chatapp.errors import NotFound
from chatapp.messages import Conversation, LockedBy
from chatapp.ports import Store


class Latches:
    """Sets latches, and remembers those that storage still has to take."""

    def __init__(self, store: Store, feeds: Feeds) -> None:
        self._store = store
        self._feeds = feeds
        self._owed: dict[str, LockedBy] = {}

    def __repr__(self) -> str:
        return f"<Latches, {len(self._owed)} not stored yet>"

    async def set(self, conversation: Conversation, by: LockedBy, title: str | None = None) -> Conversation:
        """Mark it local for good, under a neutral title or a person's own, and tell everybody who has it open.

        Raises:
            NotFound: there is none for this owner.
            StorageUnavailable, StorageFull: it is not stored. `make_good` tries again.
        """
        self._owed.setdefault(conversation.id, by)
        title = title or neutral_title(conversation.created_at)
        try:
            latched = await self._store.latch(conversation.owner, conversation.id, self._owed[conversation.id], title)
        except NotFound:
            self._owed.pop(conversation.id, None)
            raise
        self._owed.pop(conversation.id, None)
        self._feeds.changed(latched)
        return latched

    async def make_good(self, conversation: Conversation) -> Conversation:
        """The conversation, with the latch that storage did not take before.

        Raises:
            NotFound, StorageUnavailable, StorageFull: as `set`.
        """
        by = self._owed.get(conversation.id)
        return conversation if by is None else await self.set(conversation, by)
