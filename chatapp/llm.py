"""LLMRouter: the whole router as a library (contract, section 4), without server, page or conversation.

The gate judges every request; what leaves is recorded in the same egress ledger as the server's.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

import orjson

from chatapp.chat.history import fit
from chatapp.chat.refusals import refusal
from chatapp.errors import ChatError as ChatError
from chatapp.errors import NoCandidateLeft, NotFound, StorageUnavailable
from chatapp.errors import ProviderError as LLMProviderError
from chatapp.errors import ProviderUnavailable as ProviderUnavailableError
from chatapp.events import Delta, Route, Thinking
from chatapp.messages import CompletionRequest, Message, Mode, ProviderWish, Text, ToolCall, ToolSpec, Usage
from chatapp.ports import BreakerView as CircuitBreakerState
from chatapp.ports import Completed, EgressEnd, EgressRecord, OpenedEgress, ProviderEvent
from chatapp.router.breaker import CircuitBreaker
from chatapp.router.candidate import Provider as LLMProvider
from chatapp.router.classify import Classification as TaskClassification
from chatapp.router.classify import classify
from chatapp.router.dispatch import Routed
from chatapp.router.router import Question, Routing
from chatapp.router.stats import LLMRouterStats
from chatapp.seats import build_router, build_seats
from chatapp.settings import Settings
from chatapp.storage import build_database
from chatapp.store.database import Database
from chatapp.store.failures import StoreError
from chatapp.tools.schedules import looks_like_schedule

__all__ = [
    "CircuitBreakerState",
    "LLMProvider",
    "LLMProviderError",
    "LLMRequest",
    "LLMResponse",
    "LLMRouter",
    "LLMRouterStats",
    "ProviderHealth",
    "ProviderUnavailableError",
    "StreamChunk",
    "TaskClassification",
]

LISTING_BELIEVED_S = 30.0
"""How long a local server's list of models is believed, in seconds."""


@dataclass(frozen=True, slots=True)
class LLMRequest:
    """A question to the router.

    Args:
        provider: `auto`, or a wish (privacy, airgap and mode come first).
        model: insist on one, where the provider has it.
        tools: JSON Schemas as OpenAI or Anthropic write them; a model's calls are handed back, never run.
        history: what was said before, oldest first.
    """

    prompt: str
    provider: ProviderWish = "auto"
    system: str = ""
    model: str | None = None
    mode: Mode = "hybrid"
    tools: Sequence[Mapping[str, Any]] = ()
    history: Sequence[Message] = ()
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class LLMResponse:
    """A whole answer, and who gave it why."""

    provider: str
    model: str
    content: str
    usage: Usage
    tool_calls: tuple[ToolCall, ...] = ()
    finish: Literal["stop", "length", "tool_calls", "refused"] = "stop"
    rule: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StreamChunk:
    """A piece of an answer. The last one has `done` set and nothing else but `usage`."""

    provider: str
    model: str
    content: str = ""
    thinking: str = ""
    tool_call: ToolCall | None = None
    done: bool = False
    usage: Usage | None = None
    finish: Literal["stop", "length", "tool_calls", "refused"] | None = None


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """What a prompt-free probe found. `latency_ms` is None where nobody answered."""

    available: bool
    latency_ms: float | None
    models: tuple[str, ...] = ()
    missing_models: tuple[str, ...] = ()
    error_message: str | None = None


@dataclass(slots=True)
class _Ledger:
    """The egress ledger in the data folder, opened when the first request leaves; no record, no call."""

    settings: Settings
    database: Database | None = None
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open_egress(self, record: EgressRecord) -> OpenedEgress:
        async with self.opening:
            if self.database is None:
                database = build_database(self.settings)
                try:
                    await database.open()
                except StoreError as error:
                    raise StorageUnavailable(f"There is no egress ledger, so nothing was sent: {error}") from error
                self.database = database
        return await self.database.open_egress(record)

    def close_egress(self, opened: OpenedEgress, end: EgressEnd) -> None:
        if self.database is not None:  # it is: `opened` came from it
            self.database.close_egress(opened, end)

    async def close(self) -> None:
        if self.database is not None:
            await self.database.close()


class LLMRouter:
    """Answers from a local model, or, where nothing forbids it, from a cloud model.

    Args:
        default_provider, enable_fallback, airgap_mode: instead of the environment's. With `airgap_mode=True` no cloud
            provider is built, whatever the environment holds.
        settings: instead of the environment's, all of them.

    Raises:
        SettingsError: the environment cannot be used.
    """

    def __init__(
        self,
        *,
        default_provider: Literal["ollama", "anthropic"] | None = None,
        enable_fallback: bool | None = None,
        airgap_mode: bool | None = None,
        settings: Settings | None = None,
    ) -> None:
        given = {"default_provider": default_provider, "enable_fallback": enable_fallback, "airgap": airgap_mode}
        chosen = {name: value for name, value in given.items() if value is not None}
        self._settings = (settings or Settings.from_environ(os.environ)).model_copy(update=chosen)
        self._ledger = _Ledger(self._settings)
        self._looking = asyncio.Lock()
        self._router = build_router(self._settings, build_seats(self._settings), ledger=self._ledger, fit=fit)

    def __repr__(self) -> str:
        return f"<LLMRouter {', '.join(seat.provider.name for seat in self._router.seats)}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection, and the ledger."""
        for seat in self._router.seats:
            await seat.provider.aclose()
        await self._ledger.close()

    async def generate(self, request: LLMRequest) -> LLMResponse:
        """The whole answer.

        Raises:
            LLMProviderError: nobody could answer; the first one's failure.
            ChatError: nobody might, or the answer broke off; `.code` says why.
        """
        route: Route | None = None
        pieces: list[str] = []
        calls: list[ToolCall] = []
        completed = Completed("stop", Usage())
        async with aclosing(self._events(request)) as events:
            async for event in events:
                match event:
                    case Routed(candidate=candidate):
                        route = candidate.route
                    case Delta(text=text):
                        pieces.append(text)
                    case ToolCall():
                        calls.append(event)
                    case Completed():
                        completed = event
                    case _:
                        pass
        if route is None:
            raise ChatError()
        return LLMResponse(
            route.provider, route.model, "".join(pieces), completed.usage, tuple(calls), completed.finish,
            route.rule, route.reason,
        )  # fmt: skip

    async def stream(self, request: LLMRequest) -> AsyncGenerator[StreamChunk, None]:
        """The answer as it comes.

        Raises:
            ChatError: as `generate`; after the first piece it is `StreamInterrupted`.
        """
        provider = model = ""
        async with aclosing(self._events(request)) as events:
            async for event in events:
                match event:
                    case Routed(candidate=candidate):
                        provider, model = candidate.route.provider, candidate.route.model
                    case Delta(text=text):
                        yield StreamChunk(provider, model, content=text)
                    case Thinking(text=text):
                        yield StreamChunk(provider, model, thinking=text)
                    case ToolCall():
                        yield StreamChunk(provider, model, tool_call=event)
                    case Completed(finish=finish, usage=usage):
                        yield StreamChunk(provider, model, done=True, usage=usage, finish=finish)
                    case _:
                        pass

    def classify(self, text: str) -> TaskClassification:
        """What kind of task a text is; `privacy` where it holds, or may hold, identifiers."""
        verdict = self._router.gate.examine(text).verdict
        return classify(text, verdict=verdict, schedule=looks_like_schedule(text))

    async def health_check_all(self) -> dict[str, ProviderHealth]:
        """Ask every provider how it is, without a prompt."""
        await self._router.health.check_all()
        found = {}
        for seat in self._router.seats:
            health = self._router.health.last(seat.provider).health
            missing = [model for model in seat.wanted_models if self._router.health.lacks(seat.provider, model)]
            found[seat.provider.name] = ProviderHealth(
                health.available, health.latency_ms, health.models, tuple(missing), health.error
            )
        return found

    def get_stats(self) -> LLMRouterStats:
        """What was counted since the start."""
        return self._router.stats.view()

    def get_circuit_breaker(self, provider: str) -> CircuitBreakerState:
        """A provider's breaker as it stands.

        Raises:
            NotFound: there is no such provider.
        """
        return self._seat_breaker(provider).view()

    def reset_circuit_breaker(self, provider: str) -> None:
        """Close a provider's breaker.

        Raises:
            NotFound: there is no such provider.
        """
        self._seat_breaker(provider).reset()

    def _seat_breaker(self, provider: str) -> CircuitBreaker:
        for seat in self._router.seats:
            if seat.provider.name == provider:
                return seat.breaker
        raise NotFound(f"There is no provider {provider} here.")

    async def _route(self, request: LLMRequest) -> Routing:
        schedule = looks_like_schedule(request.prompt)
        return await self._router.decide(
            Question(
                request=CompletionRequest(
                    model="",
                    messages=(*request.history, Message("user", (Text(request.prompt),))),
                    system=request.system,
                    tools=tuple(map(_tool_spec, request.tools)),
                    max_tokens=request.max_tokens,
                ),
                text=request.prompt,
                mode=request.mode,
                wish=request.provider,
                schedule=schedule,
                tools=bool(request.tools),
                model=request.model,
            )
        )

    async def _events(self, request: LLMRequest) -> AsyncGenerator[Routed | ProviderEvent, None]:
        """Everything that is said, counted: an answer that its reader left half-way is none that failed."""
        stats, before = self._router.stats, ""
        try:
            await self._look_around()
            routing = await self._route(request)
            if routing.stays:
                stats.kept_local()
            async with aclosing(self._opened(routing)) as events:
                async for event in events:
                    if isinstance(event, Routed):
                        if event.failure is not None:
                            stats.fell_back(before, event.candidate.route.provider)
                        before = event.candidate.route.provider
                    yield event
        except (asyncio.CancelledError, GeneratorExit):
            stats.turn_ended(ok=True)
            raise
        except BaseException:
            stats.turn_ended(ok=False)
            raise
        stats.turn_ended(ok=True)

    async def _opened(self, routing: Routing) -> AsyncGenerator[Routed | ProviderEvent, None]:
        try:
            async with aclosing(self._router.open(routing)) as events:
                async for event in events:
                    yield event
        except NoCandidateLeft as nobody:
            error = refusal(nobody, routing)
            raise (nobody.tried[0] if error is nobody and nobody.tried else error) from nobody

    async def _look_around(self) -> None:
        """Learn now and then which models the house has, so that a role's missing one is replaced, and not just missed.

        No cloud is asked: before a request was judged nothing at all goes there.
        """
        health = self._router.health
        async with self._looking:
            for seat in self._router.seats:
                asked_at = health.last(seat.provider).at
                if seat.kind == "local" and (asked_at is None or time.time() - asked_at > LISTING_BELIEVED_S):
                    await health.check(seat)


def _tool_spec(tool: Mapping[str, Any]) -> ToolSpec:
    """A tool in OpenAI's form (`{"type": "function", "function": {…}}`), Anthropic's, or our own."""
    inner: Mapping[str, Any] = tool.get("function", tool)
    schema = inner.get("parameters") or inner.get("input_schema") or {"type": "object", "properties": {}}
    return ToolSpec(str(inner["name"]), str(inner.get("description", "")), orjson.dumps(schema).decode())
