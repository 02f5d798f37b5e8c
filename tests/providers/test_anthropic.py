"""The cloud provider over real HTTP: the stories of every provider, then what only the Messages API has."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from email.utils import formatdate
from typing import Any, ClassVar

import orjson
import pytest

from chatapp.demo.anthropic import StandInAnthropic, error_body, frame, stream, thinking_block
from chatapp.demo.standin import Hang, Pause, Received, Scene, Send, StandIn, Status, json_answer
from chatapp.errors import (
    ContextTooLong,
    ModelMissing,
    ProviderBusy,
    ProviderError,
    ProviderGarbled,
    ProviderMisconfigured,
    ProviderTimeout,
    ProviderUnavailable,
    RequestRejected,
)
from chatapp.messages import (
    Attachment,
    CompletionRequest,
    Message,
    Text,
    ToolCall,
    ToolResult,
    ToolSpec,
    Usage,
    VerbatimThinking,
)
from chatapp.ports import Completed, Delta, ProviderEvent
from chatapp.privacy.gate import ClearedRequest, PrivacyGate
from chatapp.providers.anthropic import AnthropicProvider
from tests.providers.contract import SECRET, USAGE, Contender, ProviderContract

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


def body_of(*content: Any, **more: Any) -> bytes:
    return b"".join(stream(content, **more))


def error_scene(status: int, message: str = SECRET, headers: dict[str, str] | None = None, code: str = "") -> Scene:
    body = error_body(status, message)
    if code:
        body["error"]["details"] = {"error_code": code}
    return json_answer(body, status, headers)


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


# --- what stands on one provider and one server ---


@pytest.fixture
async def server() -> AsyncIterator[StandInAnthropic]:
    async with StandInAnthropic(api_key=KEY) as stand_in:
        yield stand_in


@asynccontextmanager
async def provider_for(server: StandIn, *, api_key: str = KEY, **limits: Any) -> AsyncIterator[AnthropicProvider]:
    provider = AnthropicProvider(api_key=api_key, base_url=server.url, **limits)
    try:
        yield provider
    finally:
        await provider.aclose()


@pytest.fixture
async def provider(server: StandInAnthropic) -> AsyncIterator[AnthropicProvider]:
    async with provider_for(server) as made:
        yield made


async def ask(provider: AnthropicProvider, request: CompletionRequest | None = None) -> list[ProviderEvent]:
    async with aclosing(provider.stream(cleared(request or question()))) as events:
        return [event async for event in events]


async def failure_of(provider: AnthropicProvider, request: CompletionRequest | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await ask(provider, request)
    assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.detail}"
    return caught.value


async def sent_for(server: StandInAnthropic, request: CompletionRequest) -> dict[str, Any]:
    """The body that a request becomes, once it has been answered well."""
    async with provider_for(server) as provider:
        assert isinstance((await ask(provider, request))[-1], Completed)
    body: dict[str, Any] = server.requests[-1].json
    return body


# --- the request ---


async def test_only_what_the_current_models_take_is_sent(server: StandInAnthropic) -> None:
    body = await sent_for(server, question(system="Be brief.", tools=(WEATHER,)))
    assert body == {
        "model": MODEL,
        "max_tokens": 8192,
        "stream": True,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "How are you?"}]}],
        "thinking": {"type": "adaptive", "display": "summarized"},
        "output_config": {"effort": "low"},
        "tools": [
            {
                "name": "get_weather",
                "description": "The weather of a city",
                "input_schema": {"type": "object", "properties": {}},
            }
        ],
    }


async def test_a_reply_is_never_longer_than_the_provider_allows(server: StandInAnthropic) -> None:
    assert (await sent_for(server, question(max_tokens=100)))["max_tokens"] == 100
    assert (await sent_for(server, question(max_tokens=10**6)))["max_tokens"] == 8192


async def test_results_of_one_round_go_in_one_message_before_any_text(server: StandInAnthropic) -> None:
    second = ToolCall("call:2", "get_weather", "")
    body = await sent_for(
        server,
        question(
            QUESTION,
            Message("assistant", (Text("Let me see."), CALL, second)),
            RESULT,
            Message("tool", (ToolResult("call:2", "get_weather", "", ok=False),)),
            Message("user", (Text("And tomorrow?"),)),
        ),
    )
    _, asking, answering = body["messages"]
    assert [block["type"] for block in asking["content"]] == ["text", "tool_use", "tool_use"]
    assert answering["content"] == [
        {"type": "tool_result", "tool_use_id": "toolu_01", "content": "18 C", "is_error": False},
        {"type": "tool_result", "tool_use_id": "call_2", "content": "(nothing)", "is_error": True},
        {"type": "text", "text": "And tomorrow?"},
    ]


async def test_a_call_that_was_stopped_before_it_ran_is_answered(server: StandInAnthropic) -> None:
    body = await sent_for(server, question(QUESTION, Message("assistant", (CALL,)), Message("user", (Text("Go on"),))))
    assert [block["type"] for block in body["messages"][-1]["content"]] == ["tool_result", "text"]


async def test_arguments_that_are_no_object_go_back_as_an_empty_one(server: StandInAnthropic) -> None:
    broken = ToolCall("toolu_01", "get_weather", '{"city": "Pa')
    body = await sent_for(server, question(QUESTION, Message("assistant", (broken,)), RESULT))
    assert body["messages"][1]["content"][0]["input"] == {}


async def test_empty_parts_and_messages_are_left_out_and_neighbours_merged(server: StandInAnthropic) -> None:
    body = await sent_for(
        server,
        question(
            Message("user", (Text(" \n"), Text("One"))),
            Message("assistant", (Text(""),)),
            Message("user", (Attachment("a1", "roster.csv", "Attachment a1: roster.csv, 3 rows", "all of it"),)),
            system="  ",
        ),
    )
    texts = [block["text"] for block in body["messages"][0]["content"]]
    assert (len(body["messages"]), texts) == (1, ["One", "Attachment a1: roster.csv, 3 rows"])
    assert "system" not in body


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


@pytest.mark.parametrize(
    ("maker", "later"),
    [
        (("anthropic", "claude-opus-5-5"), ()),
        (("elsewhere", MODEL), ()),
        (("anthropic", MODEL), (Message("user", (Text("Something else"),)),)),
    ],
    ids=["another model's", "another provider's", "of an earlier question"],
)
async def test_thinking_is_left_out(
    server: StandInAnthropic, maker: tuple[str, str], later: tuple[Message, ...]
) -> None:
    verbatim = VerbatimThinking(*maker, orjson.dumps(thinking_block("Hm.")).decode())
    asking = Message("assistant", (verbatim, CALL))
    body = await sent_for(server, question(QUESTION, asking, RESULT, *later))
    assert [block["type"] for block in body["messages"][1]["content"]] == ["tool_use"]


# --- the reply ---


async def test_tokens_that_arrive_together_are_one_delta(server: StandInAnthropic, provider: AnthropicProvider) -> None:
    server.script((Send(body_of(("a", "b", "c"))),))
    assert await ask(provider) == [Delta("abc", tokens=3), Completed("stop", Usage(25, 42))]


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
    strangers = [
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


# --- faults ---


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, SECRET, RequestRejected),
        (400, f"prompt is too long: 210000 tokens > 200000 maximum {SECRET}", ContextTooLong),
        (400, f"You have reached your specified API usage limits {SECRET}", ProviderMisconfigured),
        (401, SECRET, ProviderMisconfigured),
        (402, SECRET, ProviderMisconfigured),
        (403, SECRET, ProviderMisconfigured),
        (404, SECRET, ModelMissing),
        (408, SECRET, ProviderUnavailable),
        (409, SECRET, RequestRejected),
        (413, SECRET, ContextTooLong),
        (422, SECRET, RequestRejected),
        (429, SECRET, ProviderBusy),
        (500, SECRET, ProviderUnavailable),
        (502, SECRET, ProviderUnavailable),
        (503, SECRET, ProviderUnavailable),
        (504, SECRET, ProviderUnavailable),
        (529, SECRET, ProviderUnavailable),
    ],
)
async def test_a_status_means_one_error(
    server: StandInAnthropic, provider: AnthropicProvider, status: int, message: str, kind: type[ProviderError]
) -> None:
    server.script(error_scene(status, message))
    assert type(await failure_of(provider)) is kind


@pytest.mark.parametrize("status", [400, 429])
async def test_a_spend_limit_is_for_an_operator(
    server: StandInAnthropic, provider: AnthropicProvider, status: int
) -> None:
    server.script(error_scene(status, code="enforced_spend_limit_reached"))
    failure = await failure_of(provider)
    assert isinstance(failure, ProviderMisconfigured)
    assert failure.detail == f"{status} enforced_spend_limit_reached"


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("7", 7), ("2.5", 2.5), ("1000000000", 300), ("0", 5), ("-3", 5), ("nan", 5), ("soon", 5), (None, 60)],
)
async def test_a_limit_names_the_seconds_to_wait(
    server: StandInAnthropic, provider: AnthropicProvider, given: str | None, seconds: float
) -> None:
    server.script(error_scene(429, headers={"retry-after": given} if given else {}))
    assert (await failure_of(provider)).retry_after_s == seconds


@pytest.mark.parametrize(("ahead", "low", "high"), [(100, 90, 101), (-100, 5, 5), (10**6, 300, 300)])
async def test_the_seconds_to_wait_may_be_a_date(
    server: StandInAnthropic, provider: AnthropicProvider, ahead: int, low: float, high: float
) -> None:
    import time

    server.script(error_scene(429, headers={"retry-after": formatdate(time.time() + ahead, usegmt=True)}))
    waits = (await failure_of(provider)).retry_after_s
    assert waits is not None
    assert low <= waits <= high


@pytest.mark.parametrize(("headers", "seconds"), [({"retry-after": "3"}, 3), ({}, None)])
async def test_an_overloaded_server_may_name_the_seconds_too(
    server: StandInAnthropic, provider: AnthropicProvider, headers: dict[str, str], seconds: float | None
) -> None:
    server.script(error_scene(529, headers=headers))
    assert (await failure_of(provider)).retry_after_s == seconds


@pytest.mark.parametrize("status", [404, 500, 502])
async def test_a_page_in_the_place_of_an_error_is_no_answer(
    server: StandInAnthropic, provider: AnthropicProvider, status: int
) -> None:
    server.script((Status(status, {"content-type": "text/html"}, f"<h1>{SECRET}</h1>".encode()),))
    assert (await failure_of(provider)).detail == str(status)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestRejected),
        (401, ProviderMisconfigured),
        (402, ProviderMisconfigured),
        (404, ModelMissing),
        (413, ContextTooLong),
        (429, ProviderBusy),
        (500, ProviderUnavailable),
        (529, ProviderUnavailable),
    ],
)
@pytest.mark.parametrize("later", [False, True], ids=["first", "after a token"])
async def test_an_error_in_the_stream_means_what_its_status_would(
    server: StandInAnthropic, provider: AnthropicProvider, status: int, kind: type[ProviderError], later: bool
) -> None:
    begun = b"".join(list(stream([("Hello",)]))[: 3 if later else 0])
    server.script((Send(begun + frame(error_body(status, SECRET))),))
    assert type(await failure_of(provider)) is kind


async def test_a_full_window_before_any_word_is_a_context_too_long(
    server: StandInAnthropic, provider: AnthropicProvider
) -> None:
    server.script((Send(body_of(thinking_block("Hm."), stop_reason="model_context_window_exceeded")),))
    assert isinstance(await failure_of(provider), ContextTooLong)


@pytest.mark.parametrize(
    "event",
    [
        b"data: {\n\n",
        b"data: 7\n\n",
        b"data: \n\n",
        b'data: {"no": "type"}\n\n',
        frame({"type": "content_block_delta", "index": "0", "delta": {"type": "text_delta", "text": SECRET}}),
        frame({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": 7}}),
        frame({"type": "content_block_delta", "index": 9, "delta": {"type": "input_json_delta", "partial_json": ""}}),
        frame({"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use"}}),
        frame({"type": "message_delta", "delta": {"stop_reason": 7}}),
        frame({"type": "message_stop"}),
    ],
)
async def test_what_breaks_the_protocol_is_garbled(
    server: StandInAnthropic, provider: AnthropicProvider, event: bytes
) -> None:
    server.script((Send(event + body_of(("Hello",))),))
    assert isinstance(await failure_of(provider), ProviderGarbled)


async def test_an_event_without_end_is_garbled_and_closed(server: StandInAnthropic) -> None:
    endless = Send(b"data: " + b"x" * 1000)
    server.script((endless, endless, Hang()))
    async with provider_for(server, event_bytes=1500) as provider:
        assert isinstance(await failure_of(provider), ProviderGarbled)
    await server.wait_closed()


async def test_pings_are_no_sign_of_life(server: StandInAnthropic) -> None:
    pings = [step for _ in range(100) for step in (Send(frame({"type": "ping"})), Pause(0.01))]
    first, *_ = stream([("Hello",)])
    server.script((Send(first), *pings))
    async with provider_for(server, first_token_s=0.1, idle_s=0.1) as provider:
        assert isinstance(await failure_of(provider), ProviderTimeout)
    await server.wait_closed()


async def test_a_reply_without_end_is_ended(server: StandInAnthropic) -> None:
    first, begin, token, *_ = stream([("la ",)])
    server.script((Send(first + begin), *[step for _ in range(500) for step in (Send(token), Pause(0.005))]))
    async with provider_for(server, idle_s=5, call_s=0.1) as provider:
        assert isinstance(await failure_of(provider), ProviderTimeout)
    await server.wait_closed()


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
    await sent_for(server, question())
    plain = server.requests[-1]
    for name, value in AMBIENT.items():
        monkeypatch.setenv(name, value)
    await sent_for(server, question())
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
    async with provider_for(server, api_key="wrong") as provider:
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
        async with provider_for(server) as provider:
            health = await provider.check()
    assert (health.models, health.available) == (models, available)


async def test_a_check_of_a_silent_server_ends(server: StandInAnthropic) -> None:
    await server.fail("hang")
    async with provider_for(server, check_s=0.05) as provider:
        assert (await provider.check()).error == "ProviderTimeout silence"


async def test_the_key_is_in_no_repr(provider: AnthropicProvider, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await ask(provider)
    assert KEY not in repr(provider)
    assert "How are you?" not in caplog.text
    assert provider.window(MODEL) == 200_000


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
