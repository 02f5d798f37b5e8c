"""Who could answer, and what each may see: a provider together with the request it would be given.

A local provider is given the request as it is; a cloud provider only what the privacy gate cleared, and only after
the egress record is written; what became of it is written afterwards. There is no third kind of candidate, and no
other caller of a cloud provider.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal, Protocol

from chatapp.errors import ChatError
from chatapp.events import Context, Delta, Route, Thinking
from chatapp.messages import CompletionRequest, ToolCall, Usage
from chatapp.ports import (
    Completed,
    EgressEnd,
    EgressLedger,
    EgressRecord,
    Health,
    HowEnded,
    OpenedEgress,
    ProviderEvent,
)
from chatapp.privacy.gate import ClearedRequest
from chatapp.router.breaker import CircuitBreaker


class Provider(Protocol):
    """What every provider can say of itself. `endpoint`: which of several servers of one name."""

    @property
    def name(self) -> str:
        """As on the wire: `ollama`, `anthropic` …"""

    @property
    def endpoint(self) -> str:
        """Host and port."""

    def window(self, model: str) -> int:
        """The model's context window, in tokens."""

    async def check(self) -> Health:
        """Ask how it is, without a prompt. Never raises for a fault of the provider's."""

    async def aclose(self) -> None:
        """Close its connections."""


class LocalProvider(Provider, Protocol):
    """A model server in the house."""

    def stream(self, request: CompletionRequest) -> AsyncGenerator[ProviderEvent, None]:
        """Answer. Raises `ProviderError`; success is `Completed` and nothing else."""


class CloudProvider(Provider, Protocol):
    """A model server elsewhere."""

    def stream(self, request: ClearedRequest) -> AsyncGenerator[ProviderEvent, None]:
        """Answer. Raises `ProviderError`; success is `Completed` and nothing else."""


@dataclass(frozen=True, slots=True)
class LocalSeat:
    """A local provider at the table, with its breaker and its model for each task."""

    provider: LocalProvider
    breaker: CircuitBreaker
    default_model: str
    models: tuple[tuple[str, str], ...] = ()
    kind: Literal["local"] = "local"

    def model_for(self, role: str) -> str:
        """The model meant for a task."""
        return dict(self.models).get(role, self.default_model)

    @property
    def wanted_models(self) -> tuple[str, ...]:
        """Every model that a task may ask of this provider, by name."""
        return tuple(sorted({self.default_model, *dict(self.models).values()}))


@dataclass(frozen=True, slots=True)
class CloudSeat:
    """A cloud provider at the table, with its breaker and its model."""

    provider: CloudProvider
    breaker: CircuitBreaker
    default_model: str
    kind: Literal["cloud"] = "cloud"

    def model_for(self, role: str) -> str:
        """The model meant for a task: there is one."""
        return self.default_model

    @property
    def wanted_models(self) -> tuple[str, ...]:
        """Every model that a task may ask of this provider."""
        return (self.default_model,)


Seat = LocalSeat | CloudSeat
Fit = Callable[[CompletionRequest, int], tuple[CompletionRequest, Context]]
"""Leaves out the oldest messages until a request fits a window of so many tokens, and says how it went."""


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom a request is made: what the egress ledger says of it."""

    owner: str = "library"
    conversation: str | None = None
    turn: str | None = None


@dataclass(frozen=True, slots=True)
class LocalCandidate:
    """A local provider and the request it would answer."""

    seat: LocalSeat
    route: Route
    request: CompletionRequest

    async def open(self) -> AsyncGenerator[ProviderEvent, None]:
        """Begin the completion."""
        return self.seat.provider.stream(self.request)


@dataclass(slots=True)
class _Account:
    """What is seen of a call while it runs: how it ends if nothing more comes, and how much came back."""

    ended: HowEnded = "stopped"
    code: str | None = None
    usage: Usage = field(default_factory=Usage)
    received_bytes: int = 0

    def hear(self, event: ProviderEvent) -> None:
        match event:
            case Delta(text=text) | Thinking(text=text):
                self.received_bytes += len(text.encode("utf-8", "surrogatepass"))
            case ToolCall(name=name, arguments_json=arguments):
                self.received_bytes += len((name + arguments).encode("utf-8", "surrogatepass"))
            case Completed(usage=usage):
                self.ended, self.usage = "completed", usage
            case _:
                pass

    def fail(self, failure: Exception) -> None:
        self.ended = "failed"
        self.code = failure.code if isinstance(failure, ChatError) else ChatError.code


@dataclass(frozen=True, slots=True)
class CloudCandidate:
    """A cloud provider, the cleared request it would answer, and the ledger in which it is written that it left."""

    seat: CloudSeat
    route: Route
    cleared: ClearedRequest
    asker: Asker
    ledger: EgressLedger

    async def open(self) -> AsyncGenerator[ProviderEvent, None]:
        """Write what is about to leave, then begin the completion.

        Raises:
            StorageUnavailable, StorageFull: there is no record, so there is no call.
        """
        return self._stream(await self.ledger.open_egress(self._record()))

    def _record(self) -> EgressRecord:
        size, sha256 = self.cleared.fingerprint()
        provider = self.seat.provider
        return EgressRecord(
            at=time.time(),
            owner=self.asker.owner,
            conversation=self.asker.conversation,
            turn=self.asker.turn,
            provider=provider.name,
            host=provider.endpoint,
            model=self.cleared.payload.model,
            payload_bytes=size,
            payload_sha256=sha256,
            decision=self.route.rule,
            detector=self.cleared.detector,
            estimated_tokens=self.route.context.used_tokens,
        )

    async def _stream(self, opened: OpenedEgress) -> AsyncGenerator[ProviderEvent, None]:
        """Pass on what the provider says; whichever way that ends is written."""
        account = _Account()
        try:
            async with aclosing(self.seat.provider.stream(self.cleared)) as events:
                async for event in events:
                    account.hear(event)
                    yield event
        except Exception as failure:
            account.fail(failure)
            raise
        finally:
            self.ledger.close_egress(opened, self._end(account, opened))

    def _end(self, account: _Account, opened: OpenedEgress) -> EgressEnd:
        return EgressEnd(
            at=time.time(),
            owner=self.asker.owner,
            conversation=self.asker.conversation,
            turn=self.asker.turn,
            opening=opened.link.position,
            ended=account.ended,
            code=account.code,
            prompt_tokens=account.usage.prompt_tokens,
            completion_tokens=account.usage.completion_tokens,
            received_bytes=account.received_bytes,
        )


Candidate = LocalCandidate | CloudCandidate
