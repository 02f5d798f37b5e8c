"""A turn's log ─▶ frames for one browser, at that browser's pace: what it missed arrives merged.

With blocks, the reply's Markdown is parsed here as it grows; only blocks that changed are sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatapp.chat.log import TurnLog
from chatapp.events import Delta, Done, Error, Event, Route, ToolCall
from chatapp.web.frames import event_frame, reset_frame
from chatapp.web.markdown import BlockStream, render


class Follower:
    """Reads a log from a number on.

    Args:
        after: the last event the browser has, 0..`log.seq`; it has the blocks of that moment, too.
    """

    def __init__(self, log: TurnLog, after: int, *, blocks: bool) -> None:
        self.log = log
        self._at = 0 if blocks else after
        self._after = after
        self._blocks = BlockStream() if blocks else None

    def __repr__(self) -> str:
        return f"<Follower of {self.log.turn} at {self._at}>"

    @property
    def has_more(self) -> bool:
        """Whether there is something to read now."""
        return self._at < self.log.seq

    @property
    def finished(self) -> bool:
        """Whether nothing will ever come any more."""
        return self.log.ended and not self.has_more

    def frames(self, until: int) -> Iterator[str]:
        """What there is to read up to the event `until`."""
        if self._at < self._after:  # with blocks only: what the browser has is parsed, not sent
            for _, _, event in self.log.read(self._at, self._after):
                self._changes(event)
            self._at = self._after
        for first, seq, event in self.log.read(self._at, until) if until > self._at else ():
            self._at = seq
            yield event_frame(self.log.turn, first, seq, event, self._changes(event))

    def _changes(self, event: Event) -> list[Any] | None:
        """What the event changed of the reply's blocks. Whatever ends a text segment tells its last changes."""
        if self._blocks is None:
            return None
        if isinstance(event, Delta):
            return self._blocks.feed(event.text)
        if isinstance(event, ToolCall | Route | Done | Error):
            changes = self._blocks.close()
            self._blocks = BlockStream()
            return changes or None
        return None


def reset_of(log: TurnLog, *, blocks: bool) -> str:
    """A `reset` frame: the text that stands, from a log that holds all of it."""
    text = ""
    for _, _, event in log.read(0):
        if isinstance(event, Route):
            text = ""  # two models' texts are never joined
        elif isinstance(event, Delta):
            text += event.text
    return reset_frame(log, text, list(enumerate(render(text))) if blocks else None)
