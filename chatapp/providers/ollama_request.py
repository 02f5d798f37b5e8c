"""A `CompletionRequest` as the body of Ollama's `/api/chat`. Pure; sending it is left to `ollama.py`.

Source: ollama/ollama `api/types.go` (ChatRequest, Message, Tool).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

import orjson

from chatapp.errors import RequestRejected
from chatapp.messages import (
    Attachment,
    CompletionRequest,
    Message,
    Text,
    ToolCall,
    ToolResult,
    ToolSpec,
    VerbatimThinking,
)
from chatapp.providers.ollama_faults import PROVIDER
from chatapp.providers.schema import narrowed

Json = dict[str, Any]


def request_body(request: CompletionRequest, *, think: bool, num_ctx: int, keep_alive: str | int) -> bytes:
    """The body for `/api/chat`.

    `num_ctx` is a load-time option: another value than the last one's makes Ollama read the model again. `think` is
    always said, since a model that can think does so when it is left out. An overlong prompt is an error, not cut.

    Raises:
        RequestRejected: a text holds half a surrogate pair, which no UTF-8 can carry.
    """
    options: Json = {"num_ctx": num_ctx}
    if request.max_tokens is not None:
        options["num_predict"] = request.max_tokens
    body: Json = {
        "model": request.model,
        "messages": list(_messages(request)),
        "stream": True,
        "think": think,
        "truncate": False,
        "keep_alive": keep_alive,
        "options": options,
    }
    if request.tools:
        body["tools"] = [_tool(spec) for spec in request.tools]
    try:
        return orjson.dumps(body)
    except TypeError:
        raise RequestRejected(PROVIDER, detail="a text is not Unicode") from None


def _messages(request: CompletionRequest) -> Iterator[Json]:
    if request.system:
        yield {"role": "system", "content": request.system}
    for message in request.messages:
        yield from _message(message)


def _message(message: Message) -> Iterator[Json]:
    """One of ours as theirs: each tool result is a message of its own."""
    texts: list[str] = []
    calls: list[Json] = []
    results: list[Json] = []
    for part in message.parts:
        match part:
            case Text(text):
                texts.append(text)
            case Attachment():
                texts.append(part.summary)
            case ToolCall():
                calls.append(_call(part))
            case ToolResult(call, name, content, _):
                results.append({"role": "tool", "tool_name": name, "tool_call_id": call, "content": content})
            case VerbatimThinking():
                pass  # another provider's, and Ollama needs none of its own back
            case _:
                assert_never(part)
    if texts or calls or not results:
        own: Json = {"role": message.role, "content": "\n\n".join(texts)}
        yield own | {"tool_calls": calls} if calls else own
    yield from results


def _call(call: ToolCall) -> Json:
    try:
        arguments = call.arguments
    except ValueError:
        arguments = {}  # Ollama takes an object only; the tool result that follows says what was wrong
    return {"id": call.id, "function": {"name": call.name, "arguments": arguments}}


def _tool(spec: ToolSpec) -> Json:
    function = {"name": spec.name, "description": spec.description, "parameters": narrowed(spec.parameters)}
    return {"type": "function", "function": function}
