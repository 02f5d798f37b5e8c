"""What can go wrong with the cloud provider, each fault made by a real server, and what it is called."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from email.utils import formatdate

import pytest

from chatapp.demo.anthropic import StandInAnthropic, error_body, frame, stream, thinking_block
from chatapp.demo.scenes import Hang, Pause, Send, Status
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
from chatapp.providers.anthropic import AnthropicProvider
from tests.providers.anthropic_stage import (
    KEY,
    body_of,
    error_scene,
    failure_of,
    provider_at,
)
from tests.providers.contract import SECRET


@pytest.fixture
async def server() -> AsyncIterator[StandInAnthropic]:
    async with StandInAnthropic(api_key=KEY) as stand_in:
        yield stand_in


@pytest.fixture
async def provider(server: StandInAnthropic) -> AsyncIterator[AnthropicProvider]:
    async with provider_at(server) as made:
        yield made


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
    async with provider_at(server, event_bytes=1500) as provider:
        assert isinstance(await failure_of(provider), ProviderGarbled)
    await server.wait_closed()


async def test_pings_are_no_sign_of_life(server: StandInAnthropic) -> None:
    pings = [step for _ in range(100) for step in (Send(frame({"type": "ping"})), Pause(0.01))]
    first, *_ = stream([("Hello",)])
    server.script((Send(first), *pings))
    async with provider_at(server, first_token_s=0.1, idle_s=0.1) as provider:
        assert isinstance(await failure_of(provider), ProviderTimeout)
    await server.wait_closed()


async def test_a_reply_without_end_is_ended(server: StandInAnthropic) -> None:
    first, begin, token, *_ = stream([("la ",)])
    server.script((Send(first + begin), *[step for _ in range(500) for step in (Send(token), Pause(0.005))]))
    async with provider_at(server, idle_s=5, call_s=0.1) as provider:
        assert isinstance(await failure_of(provider), ProviderTimeout)
    await server.wait_closed()
