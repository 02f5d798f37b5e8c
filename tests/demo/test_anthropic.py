"""The stand-in of the cloud: it plays the demo's part, and refuses what the real API refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chatapp.demo.anthropic import StandInAnthropic
from chatapp.demo.scenes import Received, Status
from chatapp.events import Delta
from chatapp.messages import (
    Message,
    Text,
    ToolCall,
    ToolResult,
    ToolSpec,
)
from chatapp.ports import Completed
from chatapp.providers.anthropic import AnthropicProvider
from tests.providers.anthropic_stage import (
    KEY,
    MODEL,
    ask,
    provider_at,
    question,
)


@pytest.fixture
async def server() -> AsyncIterator[StandInAnthropic]:
    async with StandInAnthropic(api_key=KEY) as stand_in:
        yield stand_in


@pytest.fixture
async def provider(server: StandInAnthropic) -> AsyncIterator[AnthropicProvider]:
    async with provider_at(server) as made:
        yield made


# --- the stand-in's own replies ---


async def test_the_stand_in_carries_a_whole_tool_loop(server: StandInAnthropic, provider: AnthropicProvider) -> None:
    tool = ToolSpec("validate_schedule", "Check duty hours", '{"type":"object","properties":{}}')
    rows = ("resident,start,end", "A,2026-07-06 07:00,2026-07-06 19:00", "A,2026-07-07 07:00,2026-07-07 19:00")
    pasted = "\n".join(("Check this schedule:", *rows))
    asked = Message("user", (Text(pasted),))
    *_, call, completed = await ask(provider, question(asked, tools=(tool,)))
    assert isinstance(call, ToolCall)
    assert call.arguments["schedule"].startswith("resident,start,end\nA,")
    assert isinstance(completed, Completed)
    result = ToolResult(call.id, call.name, json.dumps({"violations": []}), ok=True)
    rounds = (asked, Message("assistant", (*completed.thinking, call)), Message("tool", (result,)))
    said = await ask(provider, question(*rounds, tools=(tool,)))
    assert "No rule is broken" in "".join(event.text for event in said if isinstance(event, Delta))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"temperature": 1}, 400),
        ({"tool_choice": {"type": "any"}}, 400),
        ({"thinking": {"type": "disabled"}}, 400),
        ({"max_tokens": None}, 400),
        ({"messages": []}, 400),
        ({"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "He"}]}, 400),
        ({"messages": [{"role": "user", "content": " "}]}, 400),
        ({"messages": [{"role": "user", "content": [{"type": "thinking", "thinking": "a", "signature": "b"}]}]}, 400),
        ({"model": "claude-3-5-sonnet-20241022"}, 404),
    ],
)
def test_the_stand_in_refuses_what_the_api_refuses(change: dict[str, Any], status: int) -> None:
    body = {"model": MODEL, "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}], **change}
    headers = {"authorization": f"Bearer {KEY}", "anthropic-version": "2026-10-21"}
    received = Received("POST", "/v1/messages", headers, json.dumps(body).encode())
    objection = StandInAnthropic(api_key=KEY).objection(received)
    assert objection is not None
    assert isinstance(objection[0], Status)
    assert objection[0].code == status
