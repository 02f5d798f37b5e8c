"""What of a conversation a model is shown: its branch as messages, and how much of that fits a window.

Pure. Nothing is left out silently, and no question is cut from its answer. Tokens are estimated on the safe side;
the provider's own count comes with its reply.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from chatapp import events
from chatapp.errors import ContextTooLong
from chatapp.events import Context, Event
from chatapp.messages import Attachment, CompletionRequest, Message, Part, Text, ToolCall, ToolResult, VerbatimThinking
from chatapp.ports import StoredAttachment, StoredTurn

_BYTES_PER_TOKEN = 3
_TOKENS_PER_MESSAGE = 8
_REPLY_SHARE = 4
"""A quarter of the window is kept free for the reply …"""
_REPLY_TOKENS = 8192
"""… or this much, whichever is less."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question as it was stored, the files handed in with it, and everything its turn said."""

    turn: StoredTurn
    files: Sequence[StoredAttachment]
    said: Sequence[Event]


def branch(turns: Sequence[StoredTurn], leaf: str) -> list[StoredTurn]:
    """The turns from the conversation's first to `leaf`, by their parents."""
    by_id = {turn.turn: turn for turn in turns}
    path: list[StoredTurn] = []
    at = by_id.get(leaf)
    while at is not None:
        path.append(at)
        at = by_id.get(at.parent) if at.parent else None
    return path[::-1]


def messages_of(exchanges: Sequence[Exchange]) -> tuple[tuple[Message, ...], Mapping[str, str]]:
    """The branch as a model reads it, and the files' whole texts by the short names it knows them by (`a1` …)."""
    files: dict[str, str] = {}
    messages: list[Message] = []
    for exchange in exchanges:
        attached: list[Part] = []
        for file in exchange.files:
            alias = f"a{len(files) + 1}"
            files[alias] = file.text
            attached.append(Attachment(alias, file.name, f"Attachment {alias}: {file.summary}", file.text))
        messages.append(Message("user", (*attached, Text(exchange.turn.text))))
        messages += replies_of(exchange.said)
    return tuple(messages), files


def replies_of(said: Sequence[Event]) -> list[Message]:
    """A turn's events as messages: rounds of text and calls, each followed by its results.

    What a provider had said of a round when another one took it over is no part of the reply.
    """
    messages: list[Message] = []
    text: list[str] = []
    calls: dict[str, ToolCall] = {}
    results: dict[str, ToolResult] = {}

    def close_round() -> None:
        """Calls without a result are left out: a provider refuses them, and they never ran."""
        parts: list[Part] = [Text("".join(text))] if "".join(text).strip() else []
        parts += [call for call in calls.values() if call.id in results]
        if parts:
            messages.append(Message("assistant", tuple(parts)))
        if results:
            messages.append(Message("tool", tuple(results.values())))
        text.clear()
        calls.clear()
        results.clear()

    for event in said:
        match event:
            case events.Delta(text=piece):
                if results:
                    close_round()
                text.append(piece)
            case events.Route():
                if results:
                    close_round()
                text.clear()
            case events.ToolCall(call=call, name=name):
                if results and len(results) == len(calls):
                    close_round()
                calls[call] = ToolCall(call, name, orjson.dumps(event.arguments).decode())
            case events.ToolResult(call=call, content=content, ok=ok) if call in calls:
                results[call] = ToolResult(call, calls[call].name, content, ok)
            case _:
                pass
    close_round()
    return messages


def fit(request: CompletionRequest, window: int) -> tuple[CompletionRequest, Context]:
    """Leave out the oldest exchanges until the request and a reply fit `window` tokens.

    An exchange is a question with everything up to the next question, so tool calls keep their results.

    Raises:
        ContextTooLong: not even the newest exchange fits.
    """
    room = window - min(window // _REPLY_SHARE, _REPLY_TOKENS)
    fixed = estimate_fixed(request)
    exchanges = _exchanges(request.messages)
    costs = [sum(map(estimate_message, exchange)) for exchange in exchanges]
    first = 0
    while first < len(costs) - 1 and fixed + sum(costs[first:]) > room:
        first += 1
    used = fixed + sum(costs[first:])
    if used > room:
        raise ContextTooLong("the model")
    kept = tuple(message for exchange in exchanges[first:] for message in exchange)
    dropped = len(request.messages) - len(kept)
    return replace(request, messages=kept), Context(window, used, dropped)


def estimate_fixed(request: CompletionRequest) -> int:
    """Tokens of what is sent whatever the history: system text and tools."""
    tools = sum(_tokens(tool.name + tool.description + tool.parameters_json) for tool in request.tools)
    return _tokens(request.system) + tools


def estimate_message(message: Message) -> int:
    """Tokens of one message."""
    return _TOKENS_PER_MESSAGE + sum(_tokens(_sent_text(part)) for part in message.parts)


def _exchanges(messages: Sequence[Message]) -> list[list[Message]]:
    exchanges: list[list[Message]] = []
    for message in messages:
        if message.role == "user" or not exchanges:
            exchanges.append([])
        exchanges[-1].append(message)
    return exchanges


def _sent_text(part: Part) -> str:
    match part:
        case Text(text):
            return text
        case VerbatimThinking(block=block):
            return block
        case ToolCall(name=name, arguments_json=arguments):
            return name + arguments
        case ToolResult(name=name, content=content):
            return name + content
        case Attachment(summary=summary):
            return summary


def _tokens(text: str) -> int:
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN)
