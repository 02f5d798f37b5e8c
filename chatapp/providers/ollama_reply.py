"""The bytes of Ollama's reply as events. Pure; waiting for them, and closing, is left to `ollama.py`.

Unknown fields are ignored, what we need is insisted on; success is `done: true` and nothing else.
Source: ollama/ollama `api/types.go` (ChatResponse).
"""

from __future__ import annotations

import uuid
from typing import Any, Final, TypeGuard

import orjson

from chatapp.errors import ProviderGarbled
from chatapp.events import Delta, Thinking
from chatapp.messages import ToolCall, Usage
from chatapp.ports import Completed, ProviderEvent
from chatapp.providers.ollama_faults import PROVIDER, error_in_stream, not_local

Json = dict[str, Any]

_GIVEN_AWAY: Final = (
    "Ollama passed this question on to a model that runs elsewhere, so its answer was stopped here. Tell your operator."
)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Reply:
    """A reply as it arrives: bytes in, events out, the same for every way of cutting the bytes.

    Args:
        line_bytes: the longest line believed. answer_bytes: where the answer is cut off, with the finish `length`.
    """

    def __init__(self, *, line_bytes: int, answer_bytes: int) -> None:
        self.is_complete = False
        self.is_cut_off = False
        self._rest = b""
        self._line_bytes = line_bytes
        self._bytes_left = answer_bytes
        self._tokens = 0
        self._call_ids: set[str] = set()

    def __repr__(self) -> str:
        state = "complete" if self.is_complete else "cut off" if self.is_cut_off else "open"
        return f"<Reply: {state}, {self._tokens} tokens>"

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be read."""
        return self.is_complete or self.is_cut_off

    def feed(self, block: bytes) -> list[ProviderEvent]:
        """The events of a block: text of all its lines as one `Delta`, in order with all else.

        Raises:
            ProviderError: the block holds an error, or is not Ollama's protocol.
        """
        data = self._rest + block
        *lines, self._rest = data.split(b"\n")
        if len(data) > self._line_bytes and max(map(len, (*lines, self._rest))) > self._line_bytes:
            raise ProviderGarbled(PROVIDER, detail="a line is too long")
        return self._events(lines)

    def feed_end(self) -> list[ProviderEvent]:
        """The events of a last line without its newline, where the body has ended.

        Raises:
            ProviderError: as `feed`; and where the end mark has not come.
        """
        rest, self._rest = self._rest, b""
        events = self._events([rest])
        if not self.is_over:
            raise ProviderGarbled(PROVIDER, detail="ended without done")
        return events

    def _events(self, lines: list[bytes]) -> list[ProviderEvent]:
        events: list[ProviderEvent] = []
        texts: list[str] = []
        thoughts: list[str] = []
        for line in lines:
            if not line or line.isspace():
                continue
            chunk = _parsed(line)
            message = _message_of(chunk)
            if thought := message.get("thinking"):
                self._flush_text(texts, events)
                thoughts.append(_checked_text(thought))
            if text := message.get("content"):
                self._flush_thoughts(thoughts, events)
                texts.append(_checked_text(text))
            calls, is_last = message.get("tool_calls"), chunk.get("done")
            if calls or is_last:
                self._flush_thoughts(thoughts, events)
                self._flush_text(texts, events)
                events.extend(map(self._tool_call, _checked_list(calls)))
            if is_last:
                events.append(self._completed(chunk))
                return events
        self._flush_thoughts(thoughts, events)
        self._flush_text(texts, events)
        if self._bytes_left < 0:
            self.is_cut_off = True
            events.append(Completed("length", Usage(0, self._tokens)))
        return events

    def _flush_text(self, texts: list[str], events: list[ProviderEvent]) -> None:
        if texts:
            text = "".join(texts)
            self._tokens += len(texts)
            self._bytes_left -= _size(text)
            events.append(Delta(text))
            texts.clear()

    def _flush_thoughts(self, thoughts: list[str], events: list[ProviderEvent]) -> None:
        if thoughts:
            thought = "".join(thoughts)
            self._bytes_left -= _size(thought)
            events.append(Thinking(thought))
            thoughts.clear()

    def _tool_call(self, call: object) -> ToolCall:
        match call:
            case {"function": {"name": str(name), **function}, **rest} if name:
                arguments = function.get("arguments") or {}
                written = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
                self._bytes_left -= len(written)
                return ToolCall(self._own_id(rest.get("id")), name, written)
            case _:
                raise ProviderGarbled(PROVIDER, detail="a tool call without a name")

    def _own_id(self, given: object) -> str:
        """The call's id; a new one where it has none, or one that was there before."""
        call_id = given if isinstance(given, str) and given and given not in self._call_ids else ""
        call_id = call_id or f"call_{uuid.uuid4().hex[:12]}"
        self._call_ids.add(call_id)
        return call_id

    def _completed(self, chunk: Json) -> Completed:
        self.is_complete = True
        usage = Usage(_count(chunk.get("prompt_eval_count")), _count(chunk.get("eval_count")))
        if chunk.get("done_reason") == "length":
            return Completed("length", usage)
        return Completed("tool_calls" if self._call_ids else "stop", usage)


def _parsed(line: bytes) -> Json:
    try:
        chunk = orjson.loads(line)
    except orjson.JSONDecodeError:
        if line.startswith(_BYTE_ORDER_MARK):
            return _parsed(line[len(_BYTE_ORDER_MARK) :])
        raise ProviderGarbled(PROVIDER, detail="a line is not JSON") from None
    if not isinstance(chunk, dict):
        raise ProviderGarbled(PROVIDER, detail="a line is not an object")
    return chunk


def _message_of(chunk: Json) -> Json:
    if chunk.get("remote_host") or chunk.get("remote_model"):
        raise not_local(_GIVEN_AWAY)
    if error := chunk.get("error"):
        raise error_in_stream(str(error))
    message = chunk.get("message")
    if not isinstance(message, dict):
        raise ProviderGarbled(PROVIDER, detail="a chunk without a message")
    return message


def _checked_text(text: object) -> str:
    if not isinstance(text, str):
        raise ProviderGarbled(PROVIDER, detail="a text is not a string")
    return text


def _checked_list(calls: object) -> list[object]:
    if not isinstance(calls, list | None):
        raise ProviderGarbled(PROVIDER, detail="the tool calls are no list")
    return calls or []


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _count(value: object) -> int:
    """A metric; zero ones are left out on the wire."""
    return value if _is_count(value) else 0


def _is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and value >= 0
