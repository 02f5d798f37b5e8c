"""The events of one reply of Anthropic's Messages API, folded into what every provider says.

Pure: knows neither HTTP nor the SDK nor time (`anthropic.py` does). Wire format: API version 2026-10-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import orjson

from chatapp.events import Delta, Thinking
from chatapp.messages import ToolCall, Usage, VerbatimThinking
from chatapp.ports import Completed, ProviderEvent

_MOST_BLOCKS = 1000
_KNOWN_EVENTS = frozenset(
    ("message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta")
)


class NotTheProtocol(ValueError):
    """The stream says something that no Messages API says. The message holds none of its text."""


class WindowFull(Exception):
    """The model stopped, before a word, because its context window is full."""


class ErrorInStream(Exception):
    """The server gave up although it had answered with status 200. `body`: its error, as an HTTP error has it."""

    def __init__(self, body: object) -> None:
        super().__init__("error event")
        self.body = body


@dataclass(slots=True)
class _Thinking:
    text: list[str] = field(default_factory=list)
    signature: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Call:
    id: str
    name: str
    json: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Verbatim:
    json: str


_Block = _Thinking | _Call | _Verbatim


class _Said:
    """Events in order; pieces of one kind that follow each other become one event."""

    def __init__(self) -> None:
        self._events: list[ProviderEvent] = []
        self._kind: Literal["text", "thinking"] = "text"
        self._pieces: list[str] = []

    def add_piece(self, kind: Literal["text", "thinking"], text: str) -> None:
        if kind != self._kind:
            self._end_run()
            self._kind = kind
        self._pieces.append(text)

    def add(self, event: ProviderEvent) -> None:
        self._end_run()
        self._events.append(event)

    def events(self) -> list[ProviderEvent]:
        self._end_run()
        return self._events

    def _end_run(self) -> None:
        if self._pieces:
            text = "".join(self._pieces)
            self._events.append(Delta(text) if self._kind == "text" else Thinking(text))
            self._pieces.clear()


class Reply:
    """Folds the events of one reply.

    `complete`: `message_stop` has been read. `stirred`: the last read found more than pings and the opening.

    Args:
        provider, model: for the thinking blocks.
        most_chars: of text, where the reply is cut off with the finish `length`; and of all that is held back
            (thinking, tool arguments), where it is no reply any more.
    """

    def __init__(self, provider: str, model: str, *, most_chars: int = 2_097_152) -> None:
        self.complete = False
        self.stirred = False
        self._provider = provider
        self._model = model
        self._room_for_text = self._room_held_back = most_chars
        self._blocks: dict[int, _Block] = {}
        self._usage: dict[str, int] = {}
        self._stop_reason: str | None = None
        self._spoke = False

    def __repr__(self) -> str:
        state = "complete" if self.complete else "open"
        return f"<Reply of {self._model}: {state}, {len(self._blocks)} blocks held>"

    def read(self, events: Sequence[bytes]) -> list[ProviderEvent]:
        """What events that arrived together say; neighbouring texts are joined.

        Raises:
            NotTheProtocol, ErrorInStream, WindowFull
        """
        self.stirred = False
        said = _Said()
        for event in events:
            if self.complete:
                break
            self._hear(_parse(event), said)
        return said.events()

    def _hear(self, event: object, said: _Said) -> None:
        match event:
            case {"type": "content_block_delta", "index": int(), "delta": {"type": "text_delta", "text": str(text)}}:
                self.stirred = True
                self._say(text, said)
            case {"type": "content_block_delta", "index": int(index), "delta": {"type": str(kind)} as delta}:
                self.stirred = True
                self._delta(index, kind, delta, said)
            case {"type": "ping"}:
                pass
            case {"type": "message_start", "message": {"usage": usage}}:
                self._count(usage)
            case {"type": "content_block_start", "index": int(index), "content_block": {"type": str()} as block}:
                self.stirred = True
                self._begin(index, block)
            case {"type": "content_block_stop"}:
                self.stirred = True
            case {"type": "message_delta", "delta": {"stop_reason": str(reason)}, **more}:
                self.stirred = True
                self._stop_reason = reason
                self._count(more.get("usage"))
            case {"type": "message_stop"}:
                self.stirred = True
                self._end(said)
            case {"type": "error"}:
                raise ErrorInStream(event)
            case {"type": str(name)} if name not in _KNOWN_EVENTS:
                self.stirred = True
            case _:
                raise NotTheProtocol("an event that is not of the protocol")

    def _say(self, text: str, said: _Said) -> None:
        if not text:
            return
        self._spoke = True
        said.add_piece("text", text)
        self._room_for_text -= len(text)
        if self._room_for_text < 0:
            self._stop_reason = "max_tokens"
            self._end(said)

    def _delta(self, index: int, kind: str, delta: Mapping[str, object], said: _Said) -> None:
        match kind, delta, self._blocks.get(index):
            case "input_json_delta", {"partial_json": str(piece)}, _Call() as call:
                call.json.append(self._hold(piece))
            case "thinking_delta", {"thinking": str(text)}, _Thinking() as thinking:
                thinking.text.append(self._hold(text))
                if text:
                    said.add_piece("thinking", text)
            case "signature_delta", {"signature": str(piece)}, _Thinking() as thinking:
                thinking.signature.append(self._hold(piece))
            case "text_delta" | "input_json_delta" | "thinking_delta" | "signature_delta", _, _:
                raise NotTheProtocol("a delta that does not fit its block")

    def _begin(self, index: int, block: Mapping[str, object]) -> None:
        if len(self._blocks) >= _MOST_BLOCKS:
            raise NotTheProtocol("more blocks than one reply may hold")
        match block:
            case {"type": "thinking"}:
                self._blocks[index] = _Thinking()
            case {"type": "redacted_thinking"}:
                self._blocks[index] = _Verbatim(self._hold(orjson.dumps(block).decode()))
            case {"type": "tool_use", "id": str(call), "name": str(name)}:
                self._blocks[index] = _Call(call, name)
            case {"type": "tool_use"}:
                raise NotTheProtocol("a tool call without a name")

    def _hold(self, piece: str) -> str:
        self._room_held_back -= len(piece)
        if self._room_held_back < 0:
            raise NotTheProtocol("more held back than one reply may hold")
        return piece

    def _count(self, usage: object) -> None:
        """Take in token counts. They are cumulative; one that is left out keeps its value."""
        if isinstance(usage, dict):
            self._usage.update({name: count for name, count in usage.items() if isinstance(count, int)})

    def _end(self, said: _Said) -> None:
        if self._stop_reason is None:
            raise NotTheProtocol("an end without a reason")
        if self._stop_reason == "model_context_window_exceeded" and not self._spoke:
            raise WindowFull
        self.complete = True
        finish = _finish(self._stop_reason)
        if finish == "tool_calls":
            for block in self._blocks.values():
                if isinstance(block, _Call):
                    said.add(ToolCall(block.id, block.name, "".join(block.json) or "{}"))
        said.add(Completed(finish, self._tokens(), tuple(self._thinking())))

    def _tokens(self) -> Usage:
        into = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        return Usage(sum(self._usage.get(name, 0) for name in into), self._usage.get("output_tokens", 0))

    def _thinking(self) -> Iterator[VerbatimThinking]:
        for block in self._blocks.values():
            match block:
                case _Thinking(text, signature):
                    written = {"type": "thinking", "thinking": "".join(text), "signature": "".join(signature)}
                    verbatim = orjson.dumps(written).decode()
                case _Verbatim(json):
                    verbatim = json
                case _:
                    continue
            yield VerbatimThinking(self._provider, self._model, verbatim)


def _parse(event: bytes) -> object:
    try:
        value: object = orjson.loads(event)
    except orjson.JSONDecodeError:
        raise NotTheProtocol("an event that is not JSON") from None
    return value


def _finish(stop_reason: str) -> Literal["stop", "length", "tool_calls", "refused"]:
    match stop_reason:
        case "tool_use":
            return "tool_calls"
        case "max_tokens" | "model_context_window_exceeded":
            return "length"
        case "refusal":
            return "refused"
        case _:
            return "stop"
