"""One completion of a turn: what it said, as the next request repeats it, and how it ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatapp.errors import EmptyAnswer, RefusedByModel
from chatapp.events import Finish
from chatapp.messages import Message, Text, ToolCall
from chatapp.ports import Completed


@dataclass(slots=True)
class Round:
    """What one completion said."""

    pieces: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    completed: Completed | None = None

    @property
    def text(self) -> str:
        """The reply so far."""
        return "".join(self.pieces)

    def as_message(self) -> Message:
        """The round as the next request repeats it: reasoning first, verbatim, then text, then calls."""
        thinking = self.completed.thinking if self.completed else ()
        text = (Text(self.text),) if self.text.strip() else ()
        return Message("assistant", (*thinking, *text, *self.calls))

    def finish(self) -> Finish:
        """How a round without tool calls ended.

        Raises:
            RefusedByModel, EmptyAnswer: it ended well, without an answer.
        """
        ended = self.completed.finish if self.completed else "stop"
        if ended == "refused":
            raise RefusedByModel
        if not self.text.strip():
            raise EmptyAnswer
        return "length" if ended == "length" else "stop"
