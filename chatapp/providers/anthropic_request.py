"""A CompletionRequest as the body of Anthropic's `POST /v1/messages`, API version 2026-10-21.

Pure: knows neither HTTP nor the SDK (`anthropic.py` does), nor what comes back (`anthropic_reply.py` does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, assert_never

import orjson

from chatapp.messages import Attachment, CompletionRequest, Part, Text, ToolCall, ToolResult, VerbatimThinking

WireBlock = dict[str, Any]
WireMessage = dict[str, Any]

_NOT_IN_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")
_NEVER_RUN = "This call was not run."


def wire_request(request: CompletionRequest, *, provider: str, max_tokens: int) -> dict[str, Any]:
    """The body of `POST /v1/messages`, `stream` aside.

    No sampling parameters, no forced tool, no prefill, no budget for thinking: the current models refuse them all.
    """
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": min(request.max_tokens or max_tokens, max_tokens),
        "messages": _wire_messages(request, provider),
        "thinking": {"type": "adaptive", "display": "summarized"},
        "output_config": {"effort": "medium" if request.think else "low"},
    }
    if request.system.strip():
        body["system"] = request.system
    if request.tools:
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
            for tool in request.tools
        ]
    return body


def _wire_messages(request: CompletionRequest, provider: str) -> list[WireMessage]:
    """Alternating messages, none empty, each tool call answered in the message after it, before any text."""
    loop_begins = max((i for i, message in enumerate(request.messages) if message.role == "user"), default=-1)
    wire: list[WireMessage] = []
    for i, message in enumerate(request.messages):
        model = request.model if i > loop_begins else None
        blocks = [block for part in message.parts for block in _wire_part(part, provider, model)]
        role = "assistant" if message.role == "assistant" else "user"
        if not blocks:
            continue
        if wire and wire[-1]["role"] == role:
            wire[-1]["content"] += blocks
        else:
            wire.append({"role": role, "content": blocks})
    for asking, answering in pairwise(wire):
        _answer_calls(asking["content"], answering["content"])
    return wire


def _wire_part(part: Part, provider: str, model: str | None) -> Iterator[WireBlock]:
    """A part as a content block, or nothing. `model`: whose thinking may go back; None outside the tool loop."""
    match part:
        case Text(text) | Attachment(summary=text):
            if text.strip():
                yield {"type": "text", "text": text}
        case VerbatimThinking(maker, thinker, block):
            if (maker, thinker) == (provider, model):
                yield orjson.loads(block)
        case ToolCall(id=call, name=name):
            yield {"type": "tool_use", "id": _wire_id(call), "name": name, "input": _wire_input(part)}
        case ToolResult(call=call, content=content, ok=ok):
            yield _wire_result(_wire_id(call), content, ok)
        case _:
            assert_never(part)


def _wire_input(call: ToolCall) -> dict[str, Any]:
    """What the model wrote, where that is an object; where not, its result has told the model so."""
    try:
        return call.arguments
    except ValueError:
        return {}


def _wire_result(call: str, content: str, ok: bool) -> WireBlock:
    return {"type": "tool_result", "tool_use_id": call, "content": content or "(nothing)", "is_error": not ok}


def _wire_id(call: str) -> str:
    """Another provider's ids may hold what this API refuses."""
    return _NOT_IN_AN_ID.sub("_", call)


def _answer_calls(asking: list[WireBlock], answering: list[WireBlock]) -> None:
    """Put results first, and add one for every call that was stopped before it ran: the API refuses open calls."""
    answered = {block["tool_use_id"] for block in answering if block["type"] == "tool_result"}
    asked = [block["id"] for block in asking if block["type"] == "tool_use"]
    answering.extend(_wire_result(call, _NEVER_RUN, False) for call in asked if call not in answered)
    answering.sort(key=lambda block: block["type"] != "tool_result")
