"""The stories every provider passes, told over real HTTP against its API's stand-in.

A test file derives from `ProviderContract` and fills in the hooks: how its API writes a reply on the wire, and how its
provider is built. What only one API has (its own errors, its own request rules) stays in that file.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

import pytest

from chatapp.demo.standin import Cut, Hang, Pause, Received, Reset, Scene, Send, StandIn, Status, Until
from chatapp.errors import (
    ModelMissing,
    ProviderBusy,
    ProviderError,
    ProviderGarbled,
    ProviderTimeout,
    ProviderUnavailable,
    RequestRejected,
)
from chatapp.events import Delta, Thinking
from chatapp.messages import CompletionRequest, Message, Text, ToolCall, ToolResult, ToolSpec, Usage
from chatapp.ports import Completed, Health, ProviderEvent

QUESTION = (Message("user", (Text("How are you?"),)),)
CALL = ToolCall("call_a1b2c3d4", "get_weather", '{"city":"Paris"}')
WEATHER = ToolSpec("get_weather", "The weather of a city", '{"type":"object","properties":{"city":{"type":"string"}}}')
USAGE = Usage(26, 3)
IDLE_S = 0.05
SECRET = "Zanzibar-4482913"
"""Stands for what a person typed or a server said; no error may hold it."""


@dataclass(frozen=True)
class Contender:
    """A provider as the stories see it: `stream` takes the plain request, whatever the provider itself takes."""

    stream: Callable[[CompletionRequest], AsyncGenerator[ProviderEvent, None]]
    check: Callable[[], Awaitable[Health]]
    aclose: Callable[[], Awaitable[None]]


class ProviderContract(ABC):
    """Derive a class named `Test…` from it. Hooks first, stories below."""

    model: ClassVar[str]

    @abstractmethod
    def server(self) -> StandIn:
        """A new stand-in that knows `model` and streams without pauses."""

    @abstractmethod
    def contender(self, url: str, *, first_token_s: float, idle_s: float) -> Contender:
        """A new provider for the server at `url`, its other limits as they are by default."""

    @abstractmethod
    def text_body(self, *pieces: str, usage: Usage = USAGE) -> bytes:
        """The whole body of a text reply, a token a piece, with its end mark."""

    @abstractmethod
    def thinking_body(self, thought: str, text: str) -> bytes:
        """The whole body of a reply that thinks aloud first."""

    @abstractmethod
    def tool_body(self, *calls: ToolCall) -> bytes:
        """The whole body of a reply that asks for these tools."""

    @abstractmethod
    def error_line(self) -> bytes:
        """An error inside a stream that has begun, of the kind "something broke here", with `SECRET` in its text."""

    @abstractmethod
    def busy(self) -> Scene:
        """The API's way of saying that it takes no more work."""

    @abstractmethod
    def model_missing(self) -> Scene:
        """The API's way of saying that it has no such model."""

    @abstractmethod
    def rejected(self) -> Scene:
        """The API's way of saying that the request is wrong, with `SECRET` in its text."""

    @abstractmethod
    def tool_result_in(self, received: Received) -> tuple[str, str]:
        """The call id and the content of the one tool result in a request body."""

    # --- what the stories stand on ---

    @pytest.fixture
    async def stand_in(self) -> AsyncIterator[StandIn]:
        async with self.server() as server:
            yield server

    @pytest.fixture
    async def provider(self, stand_in: StandIn) -> AsyncIterator[Contender]:
        async with self.connected(stand_in.url) as contender:
            yield contender

    @asynccontextmanager
    async def connected(self, url: str, *, first_token_s: float = 5.0, idle_s: float = 5.0) -> AsyncIterator[Contender]:
        contender = self.contender(url, first_token_s=first_token_s, idle_s=idle_s)
        try:
            yield contender
        finally:
            await contender.aclose()

    def request(self, *messages: Message, think: bool = False) -> CompletionRequest:
        return CompletionRequest(self.model, messages or QUESTION, think=think)

    async def ask(self, provider: Contender, request: CompletionRequest | None = None) -> list[ProviderEvent]:
        """All events of one completion, pieces of the same kind that follow each other joined."""
        events: list[ProviderEvent] = []
        async with aclosing(provider.stream(request or self.request())) as stream:
            async for event in stream:
                events = _joined(events, event)
        return events

    async def fails(self, provider: Contender, kind: type[ProviderError]) -> ProviderError:
        """Ask, and return the error. It never comes after a `Completed`, and holds none of what was said."""
        events: list[ProviderEvent] = []
        with pytest.raises(kind) as caught:
            await self._collect(provider, events)
        assert not any(isinstance(event, Completed) for event in events)
        assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.detail}"
        return caught.value

    async def _collect(self, provider: Contender, events: list[ProviderEvent]) -> None:
        async with aclosing(provider.stream(self.request())) as stream:
            async for event in stream:
                events.append(event)

    # --- the stories ---

    async def test_text_streams_in_order_and_ends_with_its_usage(self, stand_in: StandIn, provider: Contender) -> None:
        stand_in.script((Send(self.text_body("Hel", "lo ", "wörld \u0085\u2028👩‍⚕️", usage=USAGE)),))
        text, completed = await self.ask(provider)
        assert text == Delta("Hello wörld \u0085\u2028👩‍⚕️")
        assert completed == Completed("stop", USAGE)

    async def test_each_piece_is_handed_on_as_it_arrives(self, stand_in: StandIn, provider: Contender) -> None:
        release = asyncio.Event()
        begun, rest = _split_after(b"Hel", self.text_body("Hel", "lo"))
        stand_in.script((Send(begun), Until(release), Send(rest)))
        async with aclosing(provider.stream(self.request())) as stream:
            assert await anext(stream) == Delta("Hel")
            release.set()
            assert await anext(stream) == Delta("lo")

    async def test_thinking_comes_apart_from_the_text(self, stand_in: StandIn, provider: Contender) -> None:
        stand_in.script((Send(self.thinking_body("User greets.", "Hello")),))
        thought, text, completed = await self.ask(provider, self.request(think=True))
        assert thought == Thinking("User greets.")
        assert isinstance(text, Delta)
        assert text.text == "Hello"
        assert isinstance(completed, Completed)

    async def test_a_tool_call_has_an_id_and_json_arguments(self, stand_in: StandIn, provider: Contender) -> None:
        second = ToolCall("call_00000002", "get_weather", "{}")
        stand_in.script((Send(self.tool_body(CALL, second)),))
        *calls, completed = await self.ask(provider)
        assert [call for call in calls if not isinstance(call, ToolCall)] == []
        made = [(call.id, call.name, call.arguments) for call in calls if isinstance(call, ToolCall)]
        assert made == [(CALL.id, "get_weather", {"city": "Paris"}), (second.id, "get_weather", {})]
        assert isinstance(completed, Completed)
        assert completed.finish == "tool_calls"

    async def test_a_tool_result_goes_back_in_the_next_request(self, stand_in: StandIn, provider: Contender) -> None:
        stand_in.script((Send(self.text_body("18 C it is")),))
        asked = Message("assistant", (CALL,))
        answered = Message("tool", (ToolResult(CALL.id, CALL.name, "18 C", ok=True),))
        request = CompletionRequest(self.model, (*QUESTION, asked, answered), tools=(WEATHER,))
        await self.ask(provider, request)
        assert self.tool_result_in(stand_in.requests[-1]) == (CALL.id, "18 C")

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
    async def test_the_events_are_the_same_for_every_chunking(
        self, stand_in: StandIn, provider: Contender, size: int
    ) -> None:
        body = self.thinking_body("Ünd 👩‍⚕️", "wörld")
        pieces = [body[start : start + size] for start in range(0, len(body), size)]
        stand_in.script(
            (Send(body),),
            tuple(step for piece in pieces for step in (Send(piece), Pause(0))),
        )
        request = self.request(think=True)
        assert await self.ask(provider, request) == await self.ask(provider, request)

    @pytest.mark.parametrize("end", [(Cut(),), ()], ids=["cut inside a chunk", "ended cleanly"])
    async def test_a_stream_that_stops_early_is_never_a_success(
        self, stand_in: StandIn, provider: Contender, end: Scene
    ) -> None:
        body = self.text_body("Hel", "lo")
        for kept in range(0, len(body.rstrip()), 5):
            stand_in.script((Send(body[:kept]), *end))
            error = await self.fails(provider, ProviderError)
            assert error.outcome == "failed"

    async def test_a_reset_is_an_error(self, stand_in: StandIn, provider: Contender) -> None:
        body = self.text_body("Hel", "lo")
        stand_in.script((Send(body[: len(body) // 2]), Pause(0.01), Reset()), (Reset(),))
        assert (await self.fails(provider, ProviderError)).outcome == "failed"
        assert (await self.fails(provider, ProviderError)).outcome == "failed"

    async def test_an_error_inside_the_stream_is_an_error(self, stand_in: StandIn, provider: Contender) -> None:
        begun, _ = _split_after(b"Hel", self.text_body("Hel", "lo"))
        stand_in.script((Send(begun + self.error_line()),))
        await self.fails(provider, ProviderUnavailable)

    async def test_a_line_that_is_not_the_protocol_is_an_error(self, stand_in: StandIn, provider: Contender) -> None:
        html = Status(200, {"content-type": "text/html"}, f"<html>{SECRET}</html>\n\n".encode())
        stand_in.script((html,))
        await self.fails(provider, ProviderGarbled)

    async def test_silence_before_the_first_token_times_out_and_closes(self, stand_in: StandIn) -> None:
        stand_in.script((Hang(),))
        async with self.connected(stand_in.url, first_token_s=0.05) as provider:
            await self.fails(provider, ProviderTimeout)
            await stand_in.wait_closed()

    async def test_silence_between_two_tokens_times_out_and_closes(self, stand_in: StandIn) -> None:
        begun, _ = _split_after(b"Hel", self.text_body("Hel", "lo"))
        stand_in.script((Send(begun), Hang()))
        async with self.connected(stand_in.url, idle_s=IDLE_S) as provider:
            await self.fails(provider, ProviderTimeout)
            await stand_in.wait_closed()

    async def test_a_slow_reader_is_no_slow_provider(self, stand_in: StandIn) -> None:
        release = asyncio.Event()
        begun, rest = _split_after(b"Hel", self.text_body("Hel", "lo"))
        stand_in.script((Send(begun), Until(release), Send(rest)))
        async with (
            self.connected(stand_in.url, idle_s=IDLE_S) as provider,
            aclosing(provider.stream(self.request())) as stream,
        ):
            assert await anext(stream) == Delta("Hel")
            await asyncio.sleep(IDLE_S * 1.5)  # time itself is what this story is about
            release.set()
            assert await anext(stream) == Delta("lo")

    async def test_nobody_listening_is_unavailable(self, stand_in: StandIn, provider: Contender) -> None:
        await stand_in.fail("refuse")
        await self.fails(provider, ProviderUnavailable)

    async def test_status_500_is_unavailable(self, stand_in: StandIn, provider: Contender) -> None:
        await stand_in.fail("error")
        await self.fails(provider, ProviderUnavailable)

    async def test_a_redirect_is_not_followed(self, stand_in: StandIn, provider: Contender) -> None:
        async with self.server() as elsewhere:
            stand_in.script((Status(307, {"location": f"{elsewhere.url}{elsewhere.chat_path}"}),))
            await self.fails(provider, ProviderUnavailable)
            assert elsewhere.requests == []

    async def test_busy_is_no_failure(self, stand_in: StandIn, provider: Contender) -> None:
        stand_in.script(self.busy())
        assert (await self.fails(provider, ProviderBusy)).outcome == "released"

    async def test_a_missing_model_is_named(self, stand_in: StandIn, provider: Contender) -> None:
        stand_in.script(self.model_missing())
        error = await self.fails(provider, ModelMissing)
        assert isinstance(error, ModelMissing)
        assert (error.model, error.outcome) == (self.model, "answered")

    async def test_a_wrong_request_is_the_requests_fault(self, stand_in: StandIn, provider: Contender) -> None:
        stand_in.script(self.rejected())
        assert (await self.fails(provider, RequestRejected)).outcome == "answered"

    async def test_closing_the_stream_closes_the_connection(self, stand_in: StandIn, provider: Contender) -> None:
        begun, _ = _split_after(b"Hel", self.text_body("Hel", "lo"))
        stand_in.script((Send(begun), Hang()))
        async with aclosing(provider.stream(self.request())) as stream:
            assert await anext(stream) == Delta("Hel")
        await stand_in.wait_closed()

    @pytest.mark.parametrize("begins", [True, False], ids=["in the stream", "before the first byte"])
    async def test_cancelling_the_task_closes_the_connection(
        self, stand_in: StandIn, provider: Contender, begins: bool
    ) -> None:
        begun, _ = _split_after(b"Hel", self.text_body("Hel", "lo"))
        stand_in.script((Send(begun), Hang()) if begins else (Hang(),))
        task = asyncio.create_task(self.ask(provider))
        await stand_in.wait_open()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await stand_in.wait_closed()
        await stand_in.wait_idle()

    async def test_a_call_after_a_failure_works(self, stand_in: StandIn, provider: Contender) -> None:
        for kind in ("refuse", "error", "cut"):
            await stand_in.fail(kind)
            await self.fails(provider, ProviderError)
        await stand_in.fail("none")
        stand_in.script((Send(self.text_body("well again")),))
        assert (await self.ask(provider))[0] == Delta("well again")

    async def test_a_check_finds_the_model_and_asks_nothing(self, stand_in: StandIn, provider: Contender) -> None:
        health = await provider.check()
        assert (health.available, health.error, health.outcome) == (True, None, "succeeded")
        assert health.latency_ms is not None
        assert self.model in health.models
        assert [request.path for request in stand_in.requests if request.path == stand_in.chat_path] == []

    @pytest.mark.parametrize("kind", ["refuse", "error"])
    async def test_a_check_of_a_broken_server_says_so(self, stand_in: StandIn, provider: Contender, kind: str) -> None:
        await stand_in.fail("refuse" if kind == "refuse" else "error")
        health = await provider.check()
        assert (health.available, health.outcome) == (False, "failed")
        assert health.error


def _joined(events: list[ProviderEvent], event: ProviderEvent) -> list[ProviderEvent]:
    match events, event:
        case [*before, Delta(earlier)], Delta(text):
            return [*before, Delta(earlier + text)]
        case [*before, Thinking(earlier)], Thinking(text):
            return [*before, Thinking(earlier + text)]
        case _:
            return [*events, event]


def _split_after(word: bytes, body: bytes) -> tuple[bytes, bytes]:
    """The body in two: up to the end of the line (NDJSON) or event (SSE) that holds the word, and the rest."""
    end = body.index(b"\n", body.index(word)) + 1
    while body[end : end + 1] == b"\n":
        end += 1
    return body[:end], body[end:]
