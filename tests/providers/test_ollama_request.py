from __future__ import annotations

import json
from typing import Any

import pytest

from chatapp.messages import (
    Attachment,
    CompletionRequest,
    Message,
    Part,
    Role,
    Text,
    ToolCall,
    ToolResult,
    ToolSpec,
    VerbatimThinking,
)
from chatapp.providers.ollama_request import request_body


def body(request: CompletionRequest) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(request_body(request, think=False, num_ctx=8192, keep_alive="30m"))
    return made


@pytest.mark.parametrize(
    ("role", "parts", "expected"),
    [
        ("user", (Text("Hi"),), [{"role": "user", "content": "Hi"}]),
        (
            "user",
            (Text("Check it"), Attachment("a1", "may.csv", "Attachment a1, 12 rows", "name,start\nAda,8")),
            [{"role": "user", "content": "Check it\n\nAttachment a1, 12 rows"}],
        ),
        (
            "assistant",
            (VerbatimThinking("anthropic", "m", "{}"), Text("Let me look."), ToolCall("call_1", "look", '{"a":1}')),
            [
                {
                    "role": "assistant",
                    "content": "Let me look.",
                    "tool_calls": [{"id": "call_1", "function": {"name": "look", "arguments": {"a": 1}}}],
                }
            ],
        ),
        (
            "assistant",
            (ToolCall("call_1", "look", "{broken"),),
            [
                {
                    "role": "assistant",
                    "content": "",
                    "tool_calls": [{"id": "call_1", "function": {"name": "look", "arguments": {}}}],
                }
            ],
        ),
        (
            "tool",
            (ToolResult("call_1", "look", "18 C", ok=True), ToolResult("call_2", "look", "failed", ok=False)),
            [
                {"role": "tool", "tool_name": "look", "tool_call_id": "call_1", "content": "18 C"},
                {"role": "tool", "tool_name": "look", "tool_call_id": "call_2", "content": "failed"},
            ],
        ),
        ("assistant", (), [{"role": "assistant", "content": ""}]),
    ],
    ids=["text", "attachment", "tool call", "broken arguments", "tool results", "nothing"],
)
def test_a_message_is_written_as_ollama_reads_it(
    role: Role, parts: tuple[Part, ...], expected: list[dict[str, Any]]
) -> None:
    assert body(CompletionRequest("m", (Message(role, parts),)))["messages"] == expected


def test_tools_are_offered_with_narrowed_schemas() -> None:
    spec = ToolSpec("look", "Look.", '{"type":"object","properties":{"a":{"type":"string","default":"x"}}}')
    request = CompletionRequest("m", (Message("user", (Text("Hi"),)),), tools=(spec,))
    parameters = {"type": "object", "properties": {"a": {"type": "string"}}}
    function = {"name": "look", "description": "Look.", "parameters": parameters}
    assert body(request)["tools"] == [{"type": "function", "function": function}]


def test_without_tools_none_are_named() -> None:
    assert "tools" not in body(CompletionRequest("m", ()))
