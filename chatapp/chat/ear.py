"""Reads along with what comes back: a cloud's answer while it comes, then whole; a tool's result before it is sent on.

It only says what it found. What follows from that is told in `turn.py`; how a text is read in windows, in `growing.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.messages import Attachment, Part, Text, ToolCall, ToolResult, VerbatimThinking
from chatapp.privacy.growing import GrowingText
from chatapp.router.candidate import Candidate, CloudCandidate
from chatapp.router.router import Router


class Overheard(Exception):
    """A cloud's answer holds what must stay here, or may hold it: the conversation is latched, the cloud is left."""


class Ear:
    """A turn's ear. What a model in the house says is its own affair until somebody else would be sent it.

    Attributes:
        reply, thought: what reads along with the answer and with its reasoning; None while a local model answers.
    """

    def __init__(self, router: Router) -> None:
        self._router = router
        self.reply: GrowingText | None = None
        self.thought: GrowingText | None = None

    def __repr__(self) -> str:
        return f"<Ear on {self.reply!r}>" if self.reply else "<Ear on nobody>"

    def turn_to(self, candidate: Candidate) -> None:
        """From now on it is this one who answers."""
        examine = self._router.gate.examine_reply
        outside = isinstance(candidate, CloudCandidate)
        self.reply, self.thought = (GrowingText(examine), GrowingText(examine)) if outside else (None, None)

    async def hears(self, text: GrowingText) -> bool:
        """Read what has come together; whether something was found."""
        return (await self._router.judge(text.read, text.size)).verdict != "clear"

    async def finds(self, parts: Sequence[Part]) -> bool:
        """Read what came back whole; whether something was found. It is remembered for the request that carries it."""
        gate = self._router.gate
        judgement = await self._router.judge(lambda: gate.judge_parts(parts), sum(map(_size, parts)))
        return judgement.verdict != "clear"


def _size(part: Part) -> int:
    """About how many characters of a part are read."""
    match part:
        case Text(text) | ToolCall(arguments_json=text) | ToolResult(content=text):
            return len(text)
        case VerbatimThinking(block=text) | Attachment(text=text):
            return len(text)
