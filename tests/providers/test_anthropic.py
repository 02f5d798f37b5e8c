"""The cloud provider over real HTTP: the stories of every provider, its thinking, and what stands around it."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import pytest

from chatapp.demo.anthropic import StandInAnthropic, error_body, frame, stream, thinking_block
from chatapp.demo.scenes import Received, Scene, Send, json_answer
from chatapp.demo.standin import StandIn
from chatapp.errors import (
    ModelMissing,
    ProviderMisconfigured,
)
from chatapp.events import Delta
from chatapp.messages import (
    Message,
    ToolCall,
    Usage,
)
from chatapp.ports import Completed
from chatapp.providers.anthropic import AnthropicProvider
from tests.providers.anthropic_stage import (
    CALL,
    KEY,
    MODEL,
    QUESTION,
    RESULT,
    WEATHER,
    ask,
    body_of,
    cleared,
    error_scene,
    failure_of,
    provider_at,
    question,
)
from tests.providers.contract import SECRET, USAGE, Contender, ProviderContract


class TestAnthropicKeepsTheContract(ProviderContract):
    model: ClassVar[str] = MODEL

    def server(self) -> StandIn:
        return StandInAnthropic(api_key=KEY)

    def contender(self, url: str, *, first_token_s: float, idle_s: float) -> Contender:
        provider = AnthropicProvider(api_key=KEY, base_url=url, first_token_s=first_token_s, idle_s=idle_s)
        return Contender(lambda request: provider.stream(cleared(request)), provider.check, provider.aclose)

    def text_body(self, *pieces: str, usage: Usage = USAGE) -> bytes:
        return body_of(pieces, usage=(usage.prompt_tokens, usage.completion_tokens))

    def thinking_body(self, thought: str, text: str) -> bytes:
        return body_of(thinking_block(thought), (text,))

    def tool_body(self, *calls: ToolCall) -> bytes:
        return body_of(
            *({"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments} for call in calls)
        )

    def error_line(self) -> bytes:
        return frame(error_body(529, SECRET))

    def busy(self) -> Scene:
        return error_scene(429)

    def model_missing(self) -> Scene:
        return error_scene(404)

    def rejected(self) -> Scene:
        return error_scene(400)

    def tool_result_in(self, received: Received) -> tuple[str, str]:
        (block,) = received.json["messages"][-1]["content"]
        return block["tool_use_id"], block["content"]


@pytest.fixture
async def server() -> AsyncIterator[StandInAnthropic]:
    async with StandInAnthropic(api_key=KEY) as stand_in:
        yield stand_in


@pytest.fixture
async def provider(server: StandInAnthropic) -> AsyncIterator[AnthropicProvider]:
    async with provider_at(server) as made:
        yield made


# --- thinking ---


async def test_thinking_goes_back_byte_for_byte_within_the_tool_loop(
    server: StandInAnthropic, provider: AnthropicProvider
) -> None:
    thought = thinking_block("Need “weather”. \u2028 Ünd 👩‍⚕️")
    hidden = {"type": "redacted_thinking", "data": "b64=="}
    use = {"type": "tool_use", "id": "toolu_01", "name": "get_weather", "input": {"city": "Paris"}}
    server.script((Send(body_of(thought, hidden, use)),))
    *_, completed = await ask(provider)
    assert isinstance(completed, Completed)
    asking = Message("assistant", (*completed.thinking, CALL))
    await ask(provider, question(QUESTION, asking, RESULT, tools=(WEATHER,)))
    assert server.requests[-1].json["messages"][1]["content"] == [thought, hidden, use]


# --- the reply ---


async def test_tokens_that_arrive_together_are_one_delta(server: StandInAnthropic, provider: AnthropicProvider) -> None:
    server.script((Send(body_of(("a", "b", "c"))),))
    assert await ask(provider) == [Delta("abc"), Completed("stop", Usage(25, 42))]


async def test_cached_tokens_count_and_a_missing_count_keeps_its_value(
    server: StandInAnthropic, provider: AnthropicProvider
) -> None:
    usage = {"input_tokens": 5, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 300, "output_tokens": 1}
    opening = {"type": "message_start", "message": {"usage": usage}}
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": None}}
    server.script((Send(frame(opening) + frame(end) + frame({"type": "message_stop"})),))
    assert await ask(provider) == [Completed("stop", Usage(325, 1))]


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("pause_turn", "stop"),
        ("one of tomorrow's", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "refused"),
    ],
)
async def test_a_stop_reason_is_said_in_our_words(
    server: StandInAnthropic, provider: AnthropicProvider, reason: str, finish: str
) -> None:
    server.script((Send(body_of(("Hm",), stop_reason=reason)),))
    assert (await ask(provider))[-1] == Completed(finish, Usage(25, 42))  # type: ignore[arg-type]


async def test_a_tool_call_cut_by_the_token_limit_is_never_given_out(
    server: StandInAnthropic, provider: AnthropicProvider
) -> None:
    use = {"type": "tool_use", "id": "toolu_01", "name": "get_weather", "input": {"city": "Paris"}}
    whole = body_of(use, stop_reason="max_tokens")
    server.script((Send(whole.replace(b'ris\\"}', b"")),), (Send(whole),))
    assert await ask(provider) == [Completed("length", Usage(25, 42))]
    assert await ask(provider) == [Completed("length", Usage(25, 42))]


async def test_unknown_events_blocks_and_deltas_are_passed_over(
    server: StandInAnthropic, provider: AnthropicProvider
) -> None:
    strangers: list[dict[str, object]] = [
        {"type": "ping"},
        {"type": "weather_report", "rain": True},
        {"type": "content_block_start", "index": 7, "content_block": {"type": "hologram"}},
        {"type": "content_block_delta", "index": 7, "delta": {"type": "photon_delta", "n": 1}},
        {"type": "content_block_stop", "index": 7},
    ]
    first, *rest = stream([("Hello",)])
    server.script((Send(first + b": a comment\n\n" + b"".join(frame(event) for event in strangers) + b"".join(rest)),))
    assert await ask(provider) == [Delta("Hello"), Completed("stop", Usage(25, 42))]


async def test_line_ends_of_other_servers_are_understood(server: StandInAnthropic, provider: AnthropicProvider) -> None:
    server.script((Send(body_of(("Hello",)).replace(b"\n", b"\r\n")),))
    assert (await ask(provider))[0] == Delta("Hello")


async def test_a_reply_read_to_its_end_leaves_the_connection_open(
    server: StandInAnthropic, provider: AnthropicProvider
) -> None:
    await ask(provider)
    await ask(provider)
    await server.wait_idle()
    assert server.closed_by_client == 0


# --- what stands around it ---

AMBIENT = {
    "ANTHROPIC_API_KEY": "ambient-key",
    "ANTHROPIC_AUTH_TOKEN": "ambient-token",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9/ambient",
    "ANTHROPIC_PROFILE": "ambient-profile",
    "ANTHROPIC_CUSTOM_HEADERS": (
        "x-ambient: ambient\nAuthorization: Bearer ambient\nanthropic-version: ambient\nHost: ambient\n"
        "user-agent: ambient\nanthropic-beta: ambient\nX-Api-Key: ambient\nContent-Length: 1"
    ),
    "ANTHROPIC_LOG": "debug",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
}


async def test_the_environment_changes_nothing(server: StandInAnthropic, monkeypatch: pytest.MonkeyPatch) -> None:
    async with provider_at(server) as provider:
        await ask(provider)
    plain = server.requests[-1]
    for name, value in AMBIENT.items():
        monkeypatch.setenv(name, value)
    async with provider_at(server) as provider:
        await ask(provider)
    assert server.requests[-1] == plain
    assert set(plain.headers) == {
        "host",
        "authorization",
        "anthropic-version",
        "user-agent",
        "accept",
        "content-type",
        "content-length",
    }
    assert plain.headers["authorization"] == f"Bearer {KEY}"


async def test_the_environment_cannot_make_the_sdk_log_payloads() -> None:
    code = (
        "import asyncio, logging\n"
        "from chatapp.providers.anthropic import AnthropicProvider\n"
        "asyncio.run(AnthropicProvider(api_key='k', base_url='http://127.0.0.1:9').warm())\n"
        "print([logging.getLogger(name).isEnabledFor(logging.INFO) for name in ('anthropic', 'httpx2')])"
    )
    assert _python(code, {"ANTHROPIC_LOG": "debug"}) == "[False, False]"


def test_importing_the_provider_does_not_import_the_sdk() -> None:
    code = "import sys, chatapp.providers.anthropic; print('anthropic' in sys.modules)"
    assert _python(code, {}) == "False"


def _python(code: str, environ: dict[str, str]) -> str:
    run = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    return run.stdout.strip()


async def test_a_wrong_key_is_misconfigured_for_calls_and_checks(server: StandInAnthropic) -> None:
    async with provider_at(server, api_key="wrong") as provider:
        assert isinstance(await failure_of(provider), ProviderMisconfigured)
        health = await provider.check()
    assert (health.available, health.outcome) == (False, "misconfigured")
    assert health.error == "ProviderMisconfigured 401 authentication_error"


async def test_a_check_lists_models_that_still_answer(provider: AnthropicProvider, server: StandInAnthropic) -> None:
    server.models = ("claude-haiku-5-5",)
    assert (await provider.check()).models == ("claude-haiku-5-5",)
    failure = await failure_of(provider)
    assert isinstance(failure, ModelMissing)
    assert failure.model == MODEL


class StrangeListing(StandInAnthropic):
    listing: Any = None

    def answer(self, request: Received) -> Scene:
        return json_answer(self.listing)


@pytest.mark.parametrize(
    ("listing", "models", "available"),
    [
        ({"data": [{"id": "old", "lifecycle": "retired"}, {"id": "new", "lifecycle": "deprecated"}]}, ("new",), True),
        ({"data": [{"id": 7}, None, {"id": "new"}]}, ("new",), True),
        (["new"], (), False),
        ("<html>", (), False),
    ],
)
async def test_a_check_reads_strange_listings(listing: object, models: tuple[str, ...], available: bool) -> None:
    async with StrangeListing(api_key=KEY) as server:
        server.listing = listing
        async with provider_at(server) as provider:
            health = await provider.check()
    assert (health.models, health.available) == (models, available)


async def test_a_check_of_a_silent_server_ends(server: StandInAnthropic) -> None:
    await server.fail("hang")
    async with provider_at(server, check_s=0.05) as provider:
        assert (await provider.check()).error == "ProviderTimeout silence"


async def test_the_key_is_in_no_repr(provider: AnthropicProvider, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await ask(provider)
    assert KEY not in repr(provider)
    assert "How are you?" not in caplog.text
    assert provider.window(MODEL) == 200_000
