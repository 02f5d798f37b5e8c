"""Who has a conversation open: they hear of its changes and of every turn that starts in it, whoever caused them.

Watchers are told at once and never waited for. What they do with it is theirs (`web/socket.py`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Protocol

from chatapp.chat.log import TurnLog
from chatapp.messages import Conversation


class Watcher(Protocol):
    """Somebody who has a conversation open."""

    def conversation_changed(self, conversation: Conversation) -> None:
        """Its title, mode or lock is different now."""

    def turn_started(self, log: TurnLog) -> None:
        """A question was stored in it; what the turn says is in `log`."""


class Feeds:
    """Watchers by conversation."""

    def __init__(self) -> None:
        self._watchers: defaultdict[str, set[Watcher]] = defaultdict(set)

    def __repr__(self) -> str:
        return f"<Feeds of {len(self._watchers)} conversations>"

    def watch(self, conversation: str, watcher: Watcher) -> None:
        """Tell `watcher` from now on."""
        self._watchers[conversation].add(watcher)

    def unwatch(self, conversation: str, watcher: Watcher) -> None:
        """No longer; unknown watchers are fine."""
        watchers = self._watchers.get(conversation)
        if watchers is not None:
            watchers.discard(watcher)
            if not watchers:
                del self._watchers[conversation]

    def changed(self, conversation: Conversation) -> None:
        """Tell everybody who has it open."""
        for watcher in tuple(self._watchers.get(conversation.id, ())):
            watcher.conversation_changed(conversation)

    def started(self, log: TurnLog) -> None:
        """Tell everybody who has its conversation open."""
        for watcher in tuple(self._watchers.get(log.conversation, ())):
            watcher.turn_started(log)
