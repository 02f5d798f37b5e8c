"""A turn's log ─▶ frames for one browser, at that browser's pace: what it missed arrives merged.

With blocks, the reply's Markdown is parsed here as it grows; only blocks that changed are sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatapp.chat.log import TurnLog
from chatapp.events import Delta, Done, Error, Event, Route, ToolCall
from chatapp.web.frames import event_frame, reset_frame
from chatapp.web.markdown import BlockStream


class Follower:
    """Reads a log from a number on.

    Args:
        after: the last event the browser has.
        stream: the open text's blocks as the browser has them; None: it wants none.
    """

    def __init__(self, log: TurnLog, after: int, stream: BlockStream | None = None) -> None:
        self.log = log
        self.at = after
        self._stream = stream

    def __repr__(self) -> str:
        return f"<Follower of {self.log.turn} at {self.at}>"

    @property
    def has_more(self) -> bool:
        """Whether there is something to read now."""
        return self.at < self.log.seq

    @property
    def is_behind(self) -> bool:
        """Whether the log has let go of what is to be read next: what stands must be told by a `reset`."""
        return self.at < self.log.base

    @property
    def finished(self) -> bool:
        """Whether nothing will ever come any more."""
        return self.log.ended and not self.has_more

    def frames(self, until: int) -> Iterator[str]:
        """What there is to read up to the event `until`."""
        for first, seq, event in self.log.read(self.at, until) if until > self.at else ():
            self.at = seq
            yield event_frame(self.log.turn, first, seq, event, self.changes(event))

    def changes(self, event: Event) -> list[Any] | None:
        """What the event changes of the reply's blocks. Whatever ends a text segment tells its last changes."""
        if self._stream is None:
            return None
        if isinstance(event, Delta):
            return self._stream.feed(event.text)
        if isinstance(event, ToolCall | Route | Done | Error):
            changes = self._stream.close()
            self._stream = BlockStream()
            return changes or None
        return None


def follow(log: TurnLog, after: int, *, blocks: bool, whole: TurnLog | None = None) -> Follower:
    """A reader for a browser that has everything up to `after`, the blocks of that moment too.

    Args:
        whole: a copy that holds every event, where `log` has let go of some.
    """
    follower = Follower(log, after, BlockStream() if blocks else None)
    if blocks and after > 0:
        for _, _, event in (whole or log).read(0, after):
            follower.changes(event)
    return follower


def start_anew(log: TurnLog, whole: TurnLog, *, blocks: bool) -> tuple[str, Follower]:
    """A `reset` frame that tells what stands, and a reader that goes on from there.

    To the browser the text of the reset is one segment, so the reader's blocks go on from that text, too. A turn's end
    is never part of a reset: whoever waits for it still hears it.

    Args:
        whole: a copy of `log` that holds every event so far.
    """
    text = _text_that_stands(whole)
    stream = BlockStream() if blocks else None
    shown = stream.feed(text) if stream is not None else None
    seq = whole.seq - 1 if whole.ended else whole.seq
    return reset_frame(whole.turn, seq, text, shown), Follower(whole if whole.ended else log, seq, stream)


def _text_that_stands(whole: TurnLog) -> str:
    """The reply's text of the model that answers now: two models' texts are never joined."""
    pieces: list[str] = []
    for _, _, event in whole.read(0):
        if isinstance(event, Route):
            pieces.clear()
        elif isinstance(event, Delta):
            pieces.append(event.text)
    return "".join(pieces)
