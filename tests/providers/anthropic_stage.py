"""What the tests of the cloud provider share: a cleared request, a provider, what comes of asking it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from chatapp.demo.anthropic import error_body, stream
from chatapp.demo.scenes import Scene, json_answer
from chatapp.demo.standin import StandIn
from chatapp.errors import ProviderError
from chatapp.messages import CompletionRequest, Message, Text, ToolCall, ToolResult, ToolSpec
from chatapp.ports import ProviderEvent
from chatapp.privacy.gate import ClearedRequest, PrivacyGate
from chatapp.providers.anthropic import AnthropicProvider
from tests.providers.contract import SECRET

MODEL = "claude-sonnet-5-5"
KEY = "key-for-tests"
QUESTION = Message("user", (Text("How are you?"),))
CALL = ToolCall("toolu_01", "get_weather", '{"city":"Paris"}')
RESULT = Message("tool", (ToolResult("toolu_01", "get_weather", "18 C", ok=True),))
WEATHER = ToolSpec("get_weather", "The weather of a city", '{"type":"object","properties":{}}')


def cleared(request: CompletionRequest) -> ClearedRequest:
    judged = PrivacyGate(lambda text: ()).judge(request)
    assert isinstance(judged, ClearedRequest)
    return judged


def question(*messages: Message, **more: Any) -> CompletionRequest:
    return CompletionRequest(MODEL, messages or (QUESTION,), **more)


def body_of(*content: Mapping[str, Any] | Sequence[str], **more: Any) -> bytes:
    return b"".join(stream(content, **more))


def error_scene(status: int, message: str = SECRET, headers: dict[str, str] | None = None, code: str = "") -> Scene:
    body = error_body(status, message)
    if code:
        body["error"]["details"] = {"error_code": code}
    return json_answer(body, status, headers)


@asynccontextmanager
async def provider_at(server: StandIn, *, api_key: str = KEY, **limits: Any) -> AsyncIterator[AnthropicProvider]:
    provider = AnthropicProvider(api_key=api_key, base_url=server.url, **limits)
    try:
        yield provider
    finally:
        await provider.aclose()


async def ask(provider: AnthropicProvider, request: CompletionRequest | None = None) -> list[ProviderEvent]:
    async with aclosing(provider.stream(cleared(request or question()))) as events:
        return [event async for event in events]


async def failure_of(provider: AnthropicProvider, request: CompletionRequest | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await ask(provider, request)
    assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.detail}"
    return caught.value
